/**
 * Ends this process in an orderly way when the one that started it with an IPC channel is gone, however that one died:
 * `tidemark up` leaves no service behind.
 */
export function endWithParent(): void {
  if (!process.connected) return
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}

import { readFileSync } from 'node:fs'
import type { MeasuredProcess } from './service-process.ts'

interface MemoryReading {
  /** Resident, as the system sees it, with garbage that waits for collection. */
  readonly residentBytes: number
  /** Resident after a full collection. */
  readonly collectedBytes: number
  /** What is really held after a full collection: heap, and buffers outside of it. */
  readonly liveBytes: number
}

interface Answer {
  readonly id?: number
  readonly result?: { readonly result?: { readonly value?: string } }
}

/** Reads the memory of a process that was started with --inspect, through its inspector; collects garbage between the two readings. */
export async function readMemory(process_: MeasuredProcess): Promise<MemoryReading> {
  const residentBytes = process_.residentBytes()
  const address = /Debugger listening on (ws:\S+)/.exec(readFileSync(process_.logFile, 'utf8'))?.[1]
  if (!address) throw new Error(`${process_.logFile} tells no address of an inspector.`)
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', reject, { once: true })
  })
  const ask = (id: number, method: string, params = {}) =>
    new Promise<Answer>((resolve) => {
      const take = ({ data }: MessageEvent) => {
        const answer = JSON.parse(String(data)) as Answer
        if (answer.id !== id) return
        socket.removeEventListener('message', take)
        resolve(answer)
      }
      socket.addEventListener('message', take)
      socket.send(JSON.stringify({ id, method, params }))
    })
  try {
    await ask(1, 'HeapProfiler.collectGarbage')
    const { result } = await ask(2, 'Runtime.evaluate', {
      expression: 'JSON.stringify(process.memoryUsage())',
    })
    const { heapUsed, external } = JSON.parse(result!.result!.value!) as NodeJS.MemoryUsage
    return { residentBytes, collectedBytes: process_.residentBytes(), liveBytes: heapUsed + external }
  } finally {
    socket.close()
  }
}

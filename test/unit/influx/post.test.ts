import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { influxSection } from '../../../shared/influx/config.ts'
import { poster } from '../../../shared/influx/post.ts'

it('ends a request that is answered before its body is out, without asking whether it may end', async () => {
  const connected = Promise.withResolvers<Socket>()
  // As one that refuses the token, or a proxy in front of it, when it sees the head: it does not read on.
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.pause()
      socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}')
      connected.resolve(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const post = poster(influxSection.schema.parse({ url: `http://127.0.0.1:${port}` }))
    // More than the buffers of both ends hold, and nothing that could be compressed.
    const text = randomBytes(12 * 1024 * 1024).toString('base64')
    const questions: string[] = []
    const answer = await post('write', text, { mayEnd: () => questions.push('asked') > 0 })
    expect(answer).toEqual({ status: 401, body: '{}' })
    const socket = await connected.promise
    const closed = once(socket, 'close')
    socket.resume()
    await closed
    expect(questions).toEqual([])
  } finally {
    server.close()
  }
})

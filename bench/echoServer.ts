import fastify from 'fastify'

// The baseline: a bare server that parses a JSON body and sends it back.
const app = fastify()
app.post('/', (request) => request.body)
app.get('/', () => ({ ok: true }))
const url = await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${JSON.stringify({ url })}\n`)

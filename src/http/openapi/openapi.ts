import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { tidyDocument } from './tidyDocument.ts'

/** Everything that the documentation page needs is served by this server. Swagger UI sets styles on elements. */
const PAGE_POLICY = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'connect-src': ["'self'"],
  'font-src': ["'self'", 'data:'],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'img-src': ["'self'", 'data:'],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
}

/** Serves the API's description, generated from the schemas of its routes, and a page to read it and try it out. */
export function describeApi(
  app: FastifyInstance,
  { publicUrl, version }: { publicUrl: string; version: string },
): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bellwire',
        version,
        description:
          'Gives every agent a URL. Errors are problem documents (RFC 9457); docs/errors.md explains each code.',
      },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'Authorization: Bearer KEY' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'bellwire_session',
            description:
              'Set by POST /api/session, for browsers: changes are accepted only from pages of this server. With a port ' +
              'in the public URL the name ends with _PORT; over https it starts with __Host-',
          },
          approvalLink: {
            type: 'apiKey',
            in: 'query',
            name: 'key',
            description: 'From the links of an approval: valid for it alone, for 30 days',
          },
          taskLink: {
            type: 'apiKey',
            in: 'query',
            name: 'key',
            description:
              'From the links in a trigger response: valid for one task and one purpose, for seven days',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => tidyDocument(jsonSchemaTransformObject(document)),
  })
  void app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: PAGE_POLICY,
    uiConfig: { deepLinking: true, persistAuthorization: false, validatorUrl: null },
    theme: { title: 'Bellwire API' },
  })
  void app.register((scope, _options, done) => {
    let document: string | undefined
    scope.get('/api/openapi.json', { schema: { hide: true } }, (_request, reply) => {
      document ??= JSON.stringify(app.swagger())
      return reply.type('application/json').send(document)
    })
    done()
  })
}

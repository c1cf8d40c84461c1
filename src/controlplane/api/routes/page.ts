import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const FILES = {
  '/': ['live.html', 'text/html; charset=utf-8'],
  '/live.js': ['live.js', 'text/javascript; charset=utf-8'],
  '/live.css': ['live.css', 'text/css; charset=utf-8'],
} as const

/** The live page: three static files. It loads nothing from elsewhere, and may not. */
export function addPageRoutes(server: FastifyInstance): void {
  for (const [path, [name, type]] of Object.entries(FILES)) {
    const content = readFileSync(new URL(`../../page/${name}`, import.meta.url))
    server.get(path, async (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', "default-src 'self'; style-src 'self'; img-src 'self' data:")
        .header('cache-control', 'no-cache')
        .send(content),
    )
  }
}

import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
} as const

const FILES = [
  'live.html',
  'live.css',
  'live.js',
  'app-section.js',
  'query-card.js',
  'charts.js',
  'health-lines.js',
  'result-stream.js',
  'values.js',
] as const

/** The live page: static files. It loads nothing from elsewhere, and may not. */
export function addPageRoutes(server: FastifyInstance): void {
  for (const name of FILES) {
    const content = readFileSync(new URL(`../../page/${name}`, import.meta.url))
    const type = TYPES[name.split('.')[1] as keyof typeof TYPES]
    server.get(name === 'live.html' ? '/' : `/${name}`, async (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', "default-src 'self'; style-src 'self'; img-src 'self' data:")
        .header('cache-control', 'no-cache')
        .send(content),
    )
  }
}

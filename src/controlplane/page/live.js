// The live page: every app with its results as they change. No framework, nothing from elsewhere.
import { AppSection } from './app-section.js'
import { showFindings } from './health-lines.js'
import { followQueries } from './result-stream.js'

const ASK_EVERY_MS = 1000

const place = document.getElementById('apps')
let sections = new Map()
let shown = ''
let stopFollowing = () => {}

const CONNECTION_TEXTS = {
  connecting: 'connecting…',
  live: 'live',
  lost: 'The platform does not answer. What you see is as it was; this page goes on by itself when it is back.',
}

function showConnection(state) {
  const line = document.getElementById('connection')
  if (line.dataset.state === state) return
  line.dataset.state = state
  line.textContent = CONNECTION_TEXTS[state]
  document.body.classList.toggle('stale', state === 'lost')
}

/** The document at a path; `ok` is false where the platform says why there is none. Throws when the platform does not answer. */
async function ask(path) {
  const response = await fetch(path)
  return { ok: response.ok, document: await response.json() }
}

/** What concerns the platform as a whole, or an app that cannot be shown, stands above the apps. */
function showHealth({ status, findings, apps }) {
  const elsewhere = apps.filter(({ app }) => !sections.has(app)).flatMap((one) => one.findings)
  const all = [...findings, ...elsewhere]
  showFindings(document.getElementById('health'), all.length === 0 ? 'ok' : status, all)
  for (const one of apps) sections.get(one.app)?.showHealth(one)
}

/** Draws the apps anew when others are there, or other queries. */
function showApps(apps) {
  const form = JSON.stringify(apps.map(({ name, timeZone, queries }) => [name, timeZone, queries]))
  if (form === shown) {
    for (const app of apps) sections.get(app.name).showJob(app)
    return
  }
  shown = form
  stopFollowing()
  sections = new Map(apps.map((app) => [app.name, new AppSection(app)]))
  place.replaceChildren(...[...sections.values()].map(({ element }) => element))
  if (apps.length === 0) place.replaceChildren(emptyPage())
  stopFollowing = followQueries(
    apps.flatMap(({ name, queries }) => queries.map((query) => ({ app: name, query: query.name }))),
    {
      onNews: (kind, news) => sections.get(news.app)?.cards.get(news.query)?.hear(kind, news),
      onState: showConnection,
    },
  )
}

function emptyPage() {
  const text = document.createElement('p')
  text.className = 'empty'
  text.textContent = 'No app runs here yet.'
  return text
}

async function refresh() {
  try {
    const { apps } = (await ask('/v1/apps')).document
    showApps(apps)
    showHealth((await ask('/health')).document)
    for (const [name, section] of sections) {
      const stats = await ask(`/v1/apps/${encodeURIComponent(name)}/stats`)
      if (stats.ok) section.showStats(stats.document)
    }
    if (apps.length === 0) showConnection('live')
  } catch {
    showConnection('lost')
  }
  setTimeout(refresh, ASK_EVERY_MS)
}

await refresh()

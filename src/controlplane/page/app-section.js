// One app: its state in words, what comes in, and a card for each query.
import { drawSpark } from './charts.js'
import { showFindings } from './health-lines.js'
import { QueryCard } from './query-card.js'
import { count, dateText, rateText, timeText } from './values.js'

const SECONDS_DRAWN = 60
/** A rate is the mean of so many seconds. */
const RATE_SECONDS = 5

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

/** Series of several streams added up, second by second. */
const addUp = (series) => series.reduce((total, one) => total.map((value, i) => value + one[i]))

export class AppSection {
  constructor(app) {
    this.name = app.name
    this.timeZone = app.timeZone
    this.lateSeen = []
    this.element = document.getElementById('app-template').content.firstElementChild.cloneNode(true)
    this.element.dataset.app = app.name
    const title = this.element.querySelector('h2')
    title.textContent = app.name
    title.id = `app-${app.name}`
    this.element.setAttribute('aria-labelledby', title.id)
    this.cards = new Map(app.queries.map((query) => [query.name, new QueryCard(app, query)]))
    this.element.querySelector('.cards').replaceChildren(...[...this.cards.values()].map(({ element }) => element))
    this.showJob(app)
  }

  showJob({ job, streams }) {
    const from = streams.length === 1 ? `stream ${streams[0]}` : `streams ${streams.join(', ')}`
    this.element.querySelector('.app-head .about').textContent =
      `${from} · times of ${this.timeZone} · job ${job.state}`
  }

  showHealth({ status, findings }) {
    const well = { severity: 'ok', sentence: 'All is well: what arrives is counted.' }
    showFindings(this.element.querySelector('.health'), status, status === 'ok' ? [well] : findings)
  }

  showStats({ streams, queries }) {
    const inputs = Object.values(streams)
    const accepted = addUp(inputs.map(({ perSecond }) => perSecond.accepted))
    const rejected = addUp(inputs.map(({ perSecond }) => perSecond.rejected))
    const total = (key) => sum(inputs.map(({ sinceStart }) => sinceStart[key]))
    const reason = inputs.map(({ lastMinute }) => lastMinute.mainReason).find((text) => text !== null)
    this.showRate('accepted', accepted, `${count(total('accepted'))} since the platform started`)
    const refused = sum(Object.values(queries).map((query) => query.refused))
    const notTaken = refused === 0 ? '' : `; the store did not take ${count(refused)} rows of results`
    this.showRate(
      'rejected',
      rejected,
      `${count(total('rejected'))} since the platform started${reason === undefined ? '' : `: ${reason}`}${notTaken}`,
    )
    this.showLate(Object.values(queries))
    this.showTime(Object.values(queries))
  }

  tile(name) {
    return this.element.querySelector(`[data-tile="${name}"]`)
  }

  showRate(name, perSecond, note) {
    const tile = this.tile(name)
    const rate = sum(perSecond.slice(-RATE_SECONDS)) / RATE_SECONDS
    tile.querySelector('.figure').textContent = `${rateText(rate)}/s`
    tile.querySelector('.note').textContent = note
    tile.classList.toggle('alarming', name !== 'accepted' && rate > 0)
    drawSpark(tile.querySelector('svg'), perSecond)
  }

  /** The platform says how many were late so far; what is new in each second is seen here. */
  showLate(queries) {
    const late = sum(queries.map((query) => query.late))
    const before = this.lateTotal ?? late
    this.lateTotal = late
    this.lateSeen = [...this.lateSeen, Math.max(late - before, 0)].slice(-SECONDS_DRAWN)
    const drawn = [...new Array(SECONDS_DRAWN - this.lateSeen.length).fill(0), ...this.lateSeen]
    this.showRate('late', drawn, `${count(late)} for a window of some query, in all`)
  }

  showTime(queries) {
    const tile = this.tile('time')
    const times = queries.map(({ newestEventTime }) => newestEventTime).filter((time) => time !== null)
    const newest = Math.max(...times.map((time) => Date.parse(time)))
    const unread = Math.max(...queries.map((query) => query.unread), 0)
    tile.querySelector('.figure').textContent = times.length === 0 ? '–' : timeText(newest, this.timeZone)
    const behind = unread === 0 ? 'every record is counted' : `${count(unread)} records not counted yet`
    tile.querySelector('.note').textContent =
      times.length === 0 ? 'no record has been counted yet' : `${dateText(newest, this.timeZone)}; ${behind}`
  }
}

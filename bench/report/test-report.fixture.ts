import type { Figure, Report } from './figure.ts'

export const figure = (id: string, samples: readonly number[], changes: Partial<Figure> = {}): Figure => ({
  id,
  section: 'Section',
  title: id,
  unit: 'CPU-s/M',
  better: 'lower',
  value: samples[Math.floor(samples.length / 2)]!,
  samples,
  ...changes,
})

export const report = (figures: readonly Figure[], changes: Partial<Report> = {}): Report => ({
  machine: { cpu: 'A CPU', cores: 2, memoryGigabytes: 8, node: 'v24.0.0', loadAverage: 0 },
  commit: 'abc',
  startedAt: '2026-01-01T00:00:00.000Z',
  mode: 'full',
  pinned: true,
  othersShare: { atStart: 0, during: 0 },
  figures,
  checks: [],
  notMeasured: [],
  ...changes,
})

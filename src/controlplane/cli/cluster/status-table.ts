import { relative } from 'node:path'
import type { ServerStatus } from '#services/cluster/cluster.ts'
import { newTable } from '../output/table.ts'
import type { Terminal } from '../terminal.ts'

/** A line for each server: its state, where it listens, its process, its log. */
export function statusTable(servers: readonly ServerStatus[], terminal: Terminal): string {
  const head = ['server', 'state', 'address', 'pid', 'log'].map((name) => terminal.style('bold', name))
  const table = newTable(head, ['left', 'left', 'left', 'right', 'left'])
  for (const { server, state, address, pid, log } of servers)
    table.push([server, state, address, pid ?? '', pid === null ? '' : relative('', log)])
  return table.toString()
}

import type { StateWriter } from '../state/state-bytes.ts'
import type { PaneStore } from './pane-store.ts'

/**
 * Writes panes to the disk, a share of all by their bytes (0 to 1): those first that no record has touched for longest, and of these the largest. Belongs to a
 * commit. With their slots goes what memory holds of groups that are in no other pane.
 */
export function spillPanes(stores: readonly PaneStore[], share: number, writer: StateWriter): void {
  let left = share * stores.reduce((sum, { bytes }) => sum + bytes, 0)
  const candidates = stores
    .flatMap((store) => Array.from(store.open.inMemory, (pane) => ({ store, pane, bytes: store.bytesOf(pane) })))
    .sort((a, b) => a.pane.touchedAt - b.pane.touchedAt || b.bytes - a.bytes)
  for (const { store, pane, bytes } of candidates) {
    if (left <= 0) return
    store.spill(pane, writer)
    left -= bytes
  }
}

// A flag less one is a mask: nothing for 1, everything for 0.

/** Makes distances 0 where `nulls` is 1. */
export function mask8(target: Uint8Array, nulls: Uint8Array | null): void {
  if (nulls !== null) for (let row = 0; row < target.length; row++) target[row] &= nulls[row] - 1
}

export function mask16(target: Uint16Array, nulls: Uint8Array | null): void {
  if (nulls !== null) for (let row = 0; row < target.length; row++) target[row] &= nulls[row] - 1
}

export function mask32(target: Uint32Array, nulls: Uint8Array | null): void {
  if (nulls !== null) for (let row = 0; row < target.length; row++) target[row] &= nulls[row] - 1
}

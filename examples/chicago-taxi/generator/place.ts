/** One end of a trip, as JSON texts; `null` where the portal says nothing. */
export interface Place {
  readonly tract: string
  readonly area: string
  readonly latitude: string
  readonly longitude: string
  readonly location: string
}

/** Outside the city: no area, no centroid. */
export const elsewhere: Place = { tract: 'null', area: 'null', latitude: 'null', longitude: 'null', location: 'null' }

/** The portal rounds its two columns to 9 decimals and keeps 10 in the point. */
export function placeOf(area: number, tract: number | null, latitude: number, longitude: number): Place {
  return {
    tract: String(tract),
    area: String(area),
    latitude: String(Number(latitude.toFixed(9))),
    longitude: String(Number(longitude.toFixed(9))),
    location: `"POINT (${longitude} ${latitude})"`,
  }
}

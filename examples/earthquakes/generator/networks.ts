/**
 * Seismic networks with figures computed from a month of the USGS feed (public domain, 10,630 earthquakes of 2024), rounded:
 * code; share in thousandths; middle and half width of its region in degrees; magnitude from which on it finds them all;
 * median depth in km; kind of magnitude; share a person has reviewed; median rms; fields it does not report; where it is.
 */
export type Network = readonly [
  code: string,
  share: number,
  latitude: number,
  longitude: number,
  halfWidth: number,
  smallestMagnitude: number,
  depthKm: number,
  magnitudeType: string,
  reviewed: number,
  rms: number,
  unreported: readonly string[],
  region: string,
]

const onlySolution: readonly string[] = ['nst', 'gap', 'dmin', 'horizontalError', 'magError', 'magNst']

// biome-ignore format: one network a line
export const networks: readonly Network[] = [
  ['nc', 190, 38.8, -122.8, 0.9, 0.6, 2.1, 'md', 0.43, 0.02, [], 'Northern California'],
  ['ak', 151, 61.5, -150.6, 4.0, 1.1, 29.5, 'ml', 0.17, 0.55, onlySolution, 'Alaska'],
  ['ci', 119, 33.8, -117.0, 1.5, 0.8, 8.0, 'ml', 0.93, 0.16, [], 'Southern California'],
  ['us', 119, 0.0, 120.0, 55.0, 4.1, 22.0, 'mb', 1.00, 0.65, [], 'the Western Pacific'],
  ['av', 117, 54.5, -163.5, 5.0, -0.3, 3.2, 'ml', 1.00, 0.15, [], 'the Aleutian Islands'],
  ['hv', 99, 19.4, -155.3, 0.2, 1.5, 1.8, 'md', 0.54, 0.12, [], 'Hawaii'],
  ['tx', 41, 31.7, -103.9, 1.0, 1.5, 6.7, 'ml', 0.94, 0.20, [], 'Western Texas'],
  ['nn', 38, 37.2, -116.3, 1.8, 0.3, 7.6, 'ml', 0.99, 0.12, ['horizontalError'], 'Nevada'],
  ['uu', 34, 41.7, -112.1, 2.0, 0.4, 5.8, 'md', 1.00, 0.13, [], 'Utah'],
  ['uw', 30, 46.7, -122.2, 1.4, 0.5, 6.3, 'ml', 1.00, 0.12, [], 'Washington'],
  ['pr', 24, 18.0, -66.9, 0.9, 2.2, 14.3, 'md', 1.00, 0.19, [], 'Puerto Rico'],
  ['mb', 21, 45.1, -112.5, 1.3, 0.9, 5.6, 'ml', 1.00, 0.11, [], 'Montana'],
  ['ok', 13, 35.6, -97.2, 0.8, 1.0, 6.1, 'ml', 0.98, 0.26, ['horizontalError'], 'Oklahoma'],
  ['nm', 3, 36.5, -89.6, 0.5, 1.4, 7.7, 'md', 1.00, 0.08, [], 'Missouri'],
  ['se', 1, 35.5, -83.6, 1.3, 1.7, 8.3, 'md', 1.00, 0.15, [], 'Tennessee'],
]

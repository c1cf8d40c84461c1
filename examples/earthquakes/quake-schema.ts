import { double, int, schema, string, timestamp } from 'mysimbdp'

/** One earthquake, with the columns of the USGS feeds as fields, so that their CSV files are read as they are. */
export const quakeSchema = schema('quake', {
  time: timestamp(),
  latitude: double().nullable(),
  longitude: double().nullable(),
  depth: double().nullable(),
  mag: double().nullable(),
  magType: string().nullable(),
  nst: int().nullable(),
  gap: double().nullable(),
  dmin: double().nullable(),
  rms: double().nullable(),
  net: string().nullable(),
  id: string(),
  updated: timestamp().nullable(),
  place: string().nullable(),
  type: string().nullable(),
  horizontalError: double().nullable(),
  depthError: double().nullable(),
  magError: double().nullable(),
  magNst: int().nullable(),
  status: string().nullable(),
  locationSource: string().nullable(),
  magSource: string().nullable(),
})

import { schema, stream, timestamp } from 'mysimbdp'

// in a plan: there is no field 'time'
export const readings = stream('readings', {
  schema: schema('reading', { at: timestamp() }),
  eventTime: 'time', // error: Type '"time"' is not assignable to type '"at"'
})

/**
 * The measured queries as data, in terms of their own: the apps are built from them (`trip-apps.ts`), and expected rows are calculated from them without
 * any part of the product (`../expected`).
 */
export interface TripQuery {
  readonly name: string
  readonly window: TripWindow
  readonly groupField: GroupField | null
  readonly result: TripResult
  readonly mode: 'append' | 'update' | 'complete'
}

export type TripWindow =
  | { readonly kind: 'sliding'; readonly sizeMs: number; readonly slideMs: number }
  /** Local days of Chicago. */
  | { readonly kind: 'day' }

export type GroupField =
  | 'pickup_community_area'
  | 'dropoff_community_area'
  | 'pickup_centroid_location'
  | 'dropoff_centroid_location'
  | 'payment_type'
  | 'company'

/**
 * `sums`: of fare, tips and trip_total. `day-totals`: count, sum of fare, averages of tips and trip_total. `count`: of records. `fares`: sum and greatest fare.
 * Money is in dollars with two decimals.
 */
export type TripResult = 'sums' | 'day-totals' | 'count' | 'fares'

const seconds = (size: number, slide = size): TripWindow => ({
  kind: 'sliding',
  sizeMs: size * 1000,
  slideMs: slide * 1000,
})

const sumFareWindow: TripQuery = {
  name: 'sumFareWindow',
  window: seconds(5),
  groupField: null,
  result: 'sums',
  mode: 'update',
}
const tripsTotal: TripQuery = {
  name: 'tripsTotal',
  window: { kind: 'day' },
  groupField: null,
  result: 'day-totals',
  mode: 'complete',
}

const hotspots = (window: TripWindow): readonly TripQuery[] => [
  {
    name: 'hotspotCommunityPickupWindow',
    window,
    groupField: 'pickup_community_area',
    result: 'count',
    mode: 'append',
  },
  { name: 'hotspotWindow', window, groupField: 'pickup_centroid_location', result: 'count', mode: 'append' },
]

/** Those of `examples/chicago-taxi`. */
export const fourQueries: readonly TripQuery[] = [sumFareWindow, tripsTotal, ...hotspots(seconds(60, 30))]

/** The same with ten times as many windows open at once in the two that slide. */
export const tenfoldWindows: readonly TripQuery[] = [sumFareWindow, tripsTotal, ...hotspots(seconds(600, 30))]

const dashboard = (
  name: string,
  window: TripWindow,
  groupField: GroupField | null,
  result: TripResult = 'count',
): TripQuery => ({
  name,
  window,
  groupField,
  result,
  mode: 'append',
})

/** The four and sixteen more, as a dashboard might ask: other windows, other groups, other figures. */
export const twentyQueries: readonly TripQuery[] = [
  ...fourQueries,
  dashboard('faresBy10s', seconds(10), null, 'fares'),
  dashboard('faresBy15s', seconds(15), null, 'fares'),
  dashboard('faresByMinute', seconds(60), null, 'fares'),
  dashboard('sumsByMinute', seconds(60), null, 'sums'),
  dashboard('sumsBy30s', seconds(30), null, 'sums'),
  dashboard('slidingSums', seconds(60, 30), null, 'sums'),
  dashboard('pickupsByMinute', seconds(60), 'pickup_community_area'),
  dashboard('pickupsBy30s', seconds(30), 'pickup_community_area'),
  dashboard('pickupFares', seconds(60, 30), 'pickup_community_area', 'fares'),
  dashboard('dropoffs', seconds(60, 30), 'dropoff_community_area'),
  dashboard('dropoffFares', seconds(60), 'dropoff_community_area', 'fares'),
  dashboard('dropoffPlaces', seconds(60), 'dropoff_centroid_location'),
  dashboard('payments', seconds(60, 30), 'payment_type'),
  dashboard('paymentSums', seconds(60), 'payment_type', 'sums'),
  dashboard('companies', seconds(60, 30), 'company'),
  dashboard('companyFares', seconds(60), 'company', 'fares'),
]

/**
 * Taxi companies in 2024, computed from public data of the City of Chicago (www.cityofchicago.org); no row of it is here.
 * Companies that are one person are replaced by four invented names. Of each: name; share of the trips in ten-thousandths;
 * number of taxis; what its meters report (whole minutes and tenths of a mile, or seconds and hundredths); share of trips
 * with zero miles, and with zero seconds; payments in thousandths, in the order of `paymentTypes`, of shorter and of longer
 * trips, and of those that start at O'Hare.
 */
export type Company = readonly [
  name: string,
  share: number,
  taxis: number,
  meter: 'whole' | 'exact',
  zeroMiles: number,
  zeroSeconds: number,
  shorter: Payments,
  longer: Payments,
  fromAirport: Payments,
]
export type Payments = readonly [cash: number, card: number, mobile: number, prcard: number, unknown: number]

export const paymentTypes = ['Cash', 'Credit Card', 'Mobile', 'Prcard', 'Unknown'] as const

// biome-ignore format: one company a line
export const companies: readonly Company[] = [
  ['Flash Cab', 2150, 316, 'exact', 0.096, 0.0006, [422, 191, 211, 176, 0], [145, 135, 70, 651, 0], [311, 624, 33, 32, 0]],
  ['Taxi Affiliation Services', 1628, 287, 'whole', 0.184, 0.0645, [463, 391, 0, 0, 146], [171, 298, 0, 0, 531], [210, 787, 0, 0, 3]],
  ['Taxicab Insurance Agency Llc', 1131, 98, 'exact', 0.034, 0.0, [294, 333, 349, 24, 0], [187, 436, 214, 162, 0], [159, 798, 40, 3, 0]],
  ['Sun Taxi', 1126, 167, 'exact', 0.039, 0.0, [307, 334, 338, 21, 0], [198, 443, 210, 149, 0], [165, 794, 38, 3, 0]],
  ['City Service', 952, 130, 'exact', 0.04, 0.0, [283, 319, 334, 64, 0], [145, 337, 165, 354, 0], [158, 793, 40, 9, 0]],
  ['Chicago Independents', 597, 85, 'exact', 0.034, 0.0006, [277, 358, 337, 27, 1], [169, 451, 199, 176, 7], [142, 818, 37, 3, 0]],
  ['5 Star Taxi', 468, 77, 'exact', 0.069, 0.0, [228, 306, 317, 149, 0], [82, 228, 110, 580, 0], [135, 804, 40, 22, 0]],
  ['Blue Ribbon Taxi Association', 384, 60, 'exact', 0.036, 0.0, [320, 264, 313, 103, 0], [141, 240, 133, 487, 0], [202, 740, 42, 16, 0]],
  ['Globe Taxi', 358, 62, 'exact', 0.042, 0.0055, [346, 341, 283, 30, 0], [211, 427, 167, 195, 0], [180, 785, 31, 4, 0]],
  ['Medallion Leasin', 286, 50, 'exact', 0.047, 0.0036, [359, 381, 248, 13, 0], [236, 517, 158, 89, 0], [171, 803, 25, 1, 0]],
  ['Tac - Yellow Cab Association', 230, 92, 'exact', 0.476, 0.0, [468, 0, 532, 0, 0], [477, 0, 523, 0, 0], [806, 0, 194, 0, 0]],
  ['Taxicab Insurance Agency, LLC', 171, 75, 'whole', 0.174, 0.0494, [429, 556, 0, 0, 14], [250, 667, 0, 0, 83], [148, 852, 0, 0, 0]],
  ['Choice Taxi Association', 81, 41, 'whole', 0.084, 0.0311, [409, 578, 0, 0, 13], [237, 691, 0, 0, 72], [138, 862, 0, 0, 0]],
  ['Blue Ribbon Taxi Association Inc.', 64, 59, 'whole', 0.232, 0.0841, [586, 357, 0, 0, 57], [312, 391, 0, 0, 297], [270, 729, 0, 0, 1]],
  ['Top Cab', 57, 9, 'whole', 0.073, 0.0379, [452, 528, 0, 0, 20], [261, 628, 0, 0, 112], [162, 838, 0, 0, 0]],
  ['24 Seven Taxi', 55, 25, 'exact', 0.01, 0.0, [255, 305, 422, 18, 0], [172, 423, 275, 131, 0], [150, 795, 52, 3, 0]],
  ['Chicago City Taxi Association', 39, 14, 'whole', 0.073, 0.0854, [506, 468, 0, 0, 26], [293, 558, 0, 0, 148], [196, 804, 0, 0, 0]],
  ['U Taxicab', 29, 24, 'whole', 0.141, 0.047, [561, 393, 0, 0, 46], [308, 445, 0, 0, 248], [243, 756, 0, 0, 1]],
  ['Choice Taxi Association Inc', 28, 5, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Wolley Taxi', 22, 4, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Tac - Checker Cab Dispatch', 18, 3, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Patriot Taxi Dba Peace Taxi Associat', 15, 3, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Chicago Taxicab', 14, 2, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Koam Taxi Association', 14, 2, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['2901 - 61007 Lake Shore Cab Co', 12, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['312 Medallion Management Corp', 10, 2, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['3388 - 70114 Prairie Taxi Inc', 10, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['5093 - 43822 Elm Street Cab', 10, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Setare Inc', 10, 2, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['6210 - 55031 Night Owl Cab Corp', 8, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Star North Taxi Management Llc', 7, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Tac - American United Dispatch', 6, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Metro Jet Taxi A.', 5, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Tac - Yellow Non Color', 4, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Petani Cab Corp', 1, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
  ['Tac - Blue Diamond Dispatch', 1, 1, 'exact', 0.04, 0.001, [314, 336, 312, 38, 0], [183, 403, 176, 238, 0], [167, 793, 35, 5, 0]],
]

/**
 * The day's course, computed from public data of the City of Chicago (www.cityofchicago.org); no row of it is here.
 * Trips of an average day of 2024 by weekday (Monday first) and local hour.
 */
// biome-ignore format: one weekday a line
export const tripsByWeekdayAndHour: readonly (readonly number[])[] = [
  [276, 163, 92, 72, 104, 202, 383, 693, 979, 1076, 1033, 1071, 1110, 1169, 1195, 1213, 1200, 1217, 1092, 915, 762, 609, 456, 315], // Monday
  [238, 135, 70, 57, 85, 172, 369, 800, 1194, 1245, 1095, 1138, 1191, 1225, 1254, 1279, 1328, 1366, 1208, 989, 795, 635, 489, 342], // Tuesday
  [225, 119, 63, 54, 90, 174, 378, 810, 1201, 1240, 1117, 1182, 1247, 1272, 1298, 1347, 1384, 1413, 1278, 1077, 893, 717, 529, 357], // Wednesday
  [238, 127, 62, 57, 92, 188, 398, 798, 1151, 1173, 1089, 1169, 1240, 1279, 1317, 1377, 1408, 1448, 1342, 1154, 979, 793, 636, 454], // Thursday
  [302, 172, 89, 72, 104, 197, 369, 653, 903, 998, 1029, 1133, 1201, 1217, 1264, 1289, 1289, 1346, 1293, 1083, 851, 704, 598, 477], // Friday
  [342, 228, 151, 107, 92, 116, 183, 266, 401, 584, 733, 803, 874, 900, 917, 918, 954, 988, 983, 877, 700, 614, 569, 481], // Saturday
  [368, 236, 161, 123, 117, 143, 218, 277, 401, 579, 744, 808, 845, 866, 872, 887, 896, 891, 849, 776, 705, 582, 464, 360], // Sunday
]

/** How much likelier than on the average of the day a trip starts at O'Hare, by local hour (2019). */
// biome-ignore format: one line
export const airportFactorByHour: readonly number[] = [2.3, 2.19, 1.57, 0.7, 0.36, 0.54, 0.42, 0.37, 0.41, 0.67, 0.77, 0.8, 0.81, 0.88, 0.96, 0.97, 0.83, 0.82, 0.96, 1.41, 1.94, 2.12, 1.87, 1.77]

/** Speed on long trips by local hour, relative to the average of the day (two weekdays of 2022). */
// biome-ignore format: one line
export const speedFactorByHour: readonly number[] = [1.30, 1.42, 1.41, 1.43, 1.50, 1.46, 1.25, 1.01, 0.90, 1.10, 1.15, 1.12, 1.09, 1.02, 0.88, 0.74, 0.70, 0.67, 0.79, 0.97, 1.10, 1.22, 1.24, 1.16]

/**
 * How much of the premium is kept by days in force: data, one table per product or jurisdiction. A row holds from its
 * day to the day before the next row's.
 */
export interface ShortRateTable {
  readonly source: string;
  /** The days of the term the rows are for. Another term's days are scaled to it, a day that was begun counting. */
  readonly termDays: number;
  readonly rows: readonly (readonly [fromDay: number, percentKept: number])[];
}

export function percentKept(table: ShortRateTable, daysInForce: number, termDays: number): number {
  const day = Math.ceil((daysInForce * table.termDays) / termDays);
  return table.rows.findLast(([fromDay]) => fromDay <= day)?.[1] ?? 0;
}

/**
 * An example for a year, with a minimum of a quarter. No jurisdiction's: check it against the filed rule before use.
 */
export const exampleTable: ShortRateTable = {
  source: 'https://en.wikipedia.org/wiki/Short_rate_table',
  termDays: 365,
  // prettier-ignore
  rows: [
    [1, 25], [55, 26], [59, 27], [63, 28], [66, 29], [70, 30], [74, 31], [77, 32], [81, 33], [84, 34],
    [88, 35], [92, 36], [95, 37], [99, 38], [103, 39], [106, 40], [110, 41], [114, 42], [117, 43], [121, 44],
    [125, 45], [128, 46], [132, 47], [136, 48], [139, 49], [143, 50], [147, 51], [150, 52], [154, 53], [157, 54],
    [161, 55], [165, 56], [168, 57], [172, 58], [176, 59], [179, 60], [183, 61], [188, 62], [192, 63], [197, 64],
    [201, 65], [206, 66], [210, 67], [215, 68], [219, 69], [224, 70], [229, 71], [233, 72], [238, 73], [242, 74],
    [247, 75], [251, 76], [256, 77], [261, 78], [265, 79], [270, 80], [274, 81], [279, 82], [283, 83], [288, 84],
    [292, 85], [297, 86], [302, 87], [306, 88], [311, 89], [315, 90], [320, 91], [324, 92], [329, 93], [333, 94],
    [338, 95], [343, 96], [347, 97], [352, 98], [356, 99], [361, 100],
  ],
};

/** As it stands in messages and in `explain`. */
export const SPARK = 'spark'

/** Fields of a window that a model may watch. */
export const statistics = ['count', 'sum', 'min', 'max', 'mean', 'rate', 'p50', 'p90', 'p95', 'p99'] as const

export type Statistic = (typeof statistics)[number]

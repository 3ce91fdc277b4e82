import type { SeriesDetectorKind } from '../series-detector.ts'
import { robustZScore } from './robust-z-score.ts'

/** All kinds of detectors of one series, by the name that configuration gives them. */
export const seriesDetectors: readonly SeriesDetectorKind[] = [robustZScore]

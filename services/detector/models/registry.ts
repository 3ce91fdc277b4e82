import { alone, ensemble } from '../ensemble/ensemble.ts'
import type { SeriesDetectorKind } from '../series-detector.ts'
import { robustZScore } from './robust-z-score.ts'

/** All kinds of detectors of one series, by the name that configuration gives them: all models together, and each alone. */
export const seriesDetectors: readonly SeriesDetectorKind[] = [ensemble, robustZScore, ...alone]

import { markedAnomaly } from '../../cli/mark/make-marker.ts'
import type { Anomaly, Marker, WindowBatch } from '../../shared/avro/types.ts'
import { begin, sizeMs } from './detector.ts'

const marker: Marker = {
  id: 'x',
  kind: 'deploy',
  isRemoved: false,
  metric: '*',
  where: {},
  from: begin,
  to: null,
  who: '',
  text: '',
  anomaly: null,
}

/** Something was deployed at the start of the `at`-th window after `begin`. */
export const deployAt = (at: number, more: Partial<Marker> = {}): Marker => ({
  ...marker,
  id: `deploy-${at}`,
  from: begin + at * sizeMs,
  text: 'shop 2.14',
  ...more,
})

/** The windows from the `from`-th to the one before the `to`-th are free. */
export const maintenanceOf = (from: number, to: number, more: Partial<Marker> = {}): Marker => ({
  ...marker,
  id: `maintenance-${from}`,
  kind: 'maintenance',
  from: begin + from * sizeMs,
  to: begin + to * sizeMs,
  ...more,
})

/** What a person says of an anomaly. */
export const verdictOn = (anomaly: Anomaly, kind: 'expected' | 'real'): Marker => ({
  ...marker,
  id: anomaly.id,
  kind,
  from: anomaly.start,
  anomaly: markedAnomaly(anomaly),
})

export const removed = ({ id }: Marker): Marker => ({ ...marker, id, kind: 'note', isRemoved: true })

/** As the marker task writes it. */
export const markerBatch = (marker: Marker): WindowBatch => ({ windows: [], source: null, marker })

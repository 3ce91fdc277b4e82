import { describe, expect, it } from 'vitest'
import { AnomalyFinder, choiceOf, incidentOf } from '../../../../cli/mark/find-anomaly.ts'
import { IncidentFinder } from '../../../../cli/mark/find-incident.ts'
import { standing } from '../../../../cli/mark/list.ts'
import { deployMarker, maintenanceMarker, removal, verdictMarker } from '../../../../cli/mark/make-marker.ts'
import { markerText } from '../../../../cli/mark/marker-text.ts'
import type { Incident } from '../../../../shared/avro/types.ts'
import { markerFlaw } from '../../../../shared/markers/marker-flaw.ts'
import { anyAnomaly } from '../../../support/any-anomaly.ts'
import { deployAt, maintenanceOf, removed } from '../../../support/markers.ts'

const now = Date.parse('2026-03-01T03:12:00Z')

describe('tidemark mark', () => {
  it('makes a deploy of a service, now or at a time', () => {
    const marker = deployMarker({ service: 'shop', text: 'shop 2.14', who: 'jane' }, now)
    expect(marker).toMatchObject({
      kind: 'deploy',
      metric: '*',
      where: { service: 'shop' },
      from: now,
      to: null,
    })
    expect(marker.id).toMatch(/^deploy-[0-9a-f]{10}$/)
    expect(markerText(marker)).toBe('deploy at 2026-03-01T03:12:00Z of service=shop: shop 2.14 (jane)')
    expect(deployMarker({ match: '*', at: '2026-03-01T03:00:00+01:00', id: 'd' }, now)).toMatchObject({
      id: 'd',
      from: Date.parse('2026-03-01T02:00:00Z'),
    })
  })

  it('makes a maintenance that ends at a time, or after a while', () => {
    const tags = { where: ['env=prod', 'host=web-*'], match: 'cpu.*' }
    const marker = maintenanceMarker(
      { ...tags, from: '2026-03-02T02:00:00Z', to: '2026-03-02T04:00:00Z' },
      now,
    )
    expect(marker).toMatchObject({ metric: 'cpu.*', where: { env: 'prod', host: 'web-*' } })
    expect(markerText(marker)).toBe(
      'maintenance from 2026-03-02T02:00:00Z to 2026-03-02T04:00:00Z of cpu.*{env=prod, host=web-*}',
    )
    expect(maintenanceMarker({ service: 'shop', for: 3_600_000 }, now)).toMatchObject({
      from: now,
      to: now + 3_600_000,
    })
  })

  it.each<[string, () => unknown]>([
    ['Say what the deploy is about: --service, --match', () => deployMarker({}, now)],
    ['--at takes a time such as', () => deployMarker({ service: 'a', at: 'noon' }, now)],
    ['--where takes a tag such as host=web-*, not “host”', () => deployMarker({ where: ['host'] }, now)],
    ['A maintenance needs its end', () => maintenanceMarker({ service: 'a' }, now)],
    ['A maintenance needs its end', () => maintenanceMarker({ service: 'a', to: '2026-03-02', for: 1 }, now)],
    ['is not before --to', () => maintenanceMarker({ service: 'a', to: '2026-02-02' }, now)],
    [
      'The marker would be refused: it lasts longer than 31 days',
      () => maintenanceMarker({ service: 'a', to: '2026-05-01' }, now),
    ],
    ['Name the anomaly: by its id', () => choiceOf(undefined, {})],
    ['Name the anomaly: by its id', () => choiceOf(undefined, { series: 'm' })],
    ['not by both', () => choiceOf('x', { series: 'm' })],
  ])('refuses with a sentence: %s', (sentence, make) => {
    expect(make).toThrow(sentence)
  })

  it('says of an anomaly what the detector must know of it', () => {
    const anomaly = anyAnomaly()
    const marker = verdictMarker('expected', anomaly, { text: 'backup' }, now)
    expect(marker).toMatchObject({
      id: 'x',
      kind: 'expected',
      from: anomaly.start,
      anomaly: { surprise: 18.4 },
    })
    expect(markerFlaw(marker, now)).toBeUndefined()
    expect(markerText(marker)).toBe('expected, anomaly of m since 2023-11-14T22:13:20Z: backup')
    expect(() => verdictMarker('expected', { ...anomaly, model: 'peers' }, {}, now)).toThrow(
      'several series together',
    )
  })

  it('shows nothing that a terminal might obey', () => {
    expect(markerText(deployAt(1, { text: '\x1b[2J' }))).toContain('\\x1b[2J')
  })

  it('lists what stands, in order, and nothing that was taken back or is long over', () => {
    const markers = [
      maintenanceOf(20, 40),
      deployAt(30),
      deployAt(1),
      removed(deployAt(2)),
      maintenanceOf(3, 5),
    ]
    expect(standing(markers, deployAt(10).from).map(({ id }) => id)).toEqual(['maintenance-20', 'deploy-30'])
    expect(removal('d', 'jane', now)).toMatchObject({ id: 'd', isRemoved: true, who: 'jane' })
  })
})

describe('an incident that is meant', () => {
  const anomaly = anyAnomaly()
  const member = { ...anomaly, anomalyId: 'a', isOver: false }
  const incident = (revision: number, ids: readonly string[]): Incident => ({
    ...{ id: 'i', revision, state: 'open', scope: [], start: 0, end: null, severity: 'major', message: '' },
    ...{ series: 3, metrics: 1, openSeries: 3, causes: [] },
    members: ids.map((anomalyId) => ({ ...member, anomalyId })),
  })

  it('stands for the last word of the anomalies that its last record names', () => {
    const finder = new IncidentFinder('i')
    for (const one of [incident(1, ['a', 'b', 'c']), incident(0, ['d'])]) finder.addIncident(one)
    expect(finder.incident('t').revision).toBe(1)
    for (const [id, revision] of [
      ['a', 1],
      ['a', 0],
      ['b', 0],
      ['d', 0],
    ] as const)
      finder.addAnomaly({ ...anomaly, id, revision })
    finder.addAnomaly({ ...anomaly, id: 'c', kind: 'peer' })
    expect(finder.judgeable.map(({ id, revision }) => [id, revision])).toEqual([
      ['a', 1],
      ['b', 0],
    ])
  })

  it('is there, and is all that is named', () => {
    expect(() => new IncidentFinder('i').incident('telemetry.incidents')).toThrow(
      'telemetry.incidents has no incident with the id “i”',
    )
    expect(incidentOf(undefined, { incident: 'i' })).toBe('i')
    expect(() => incidentOf('a', { incident: 'i' })).toThrow('name no other')
  })
})

describe('the anomaly that is meant', () => {
  const tags = [
    { key: 'host', value: 'a' },
    { key: 'region', value: 'eu' },
  ]
  const first = { ...anyAnomaly({ metric: 'cpu.load', tags }), id: 'one' }
  const last = { ...first, revision: 2, end: first.start + 60_000, state: 'closed' as const }
  const find = (choice: ReturnType<typeof choiceOf>, ...anomalies: (typeof first)[]) => {
    const finder = new AnomalyFinder(choice)
    for (const anomaly of anomalies) finder.add(anomaly)
    return () => finder.result('telemetry.anomalies')
  }
  const during = { series: 'cpu.load{host=a, region=eu}', at: '2023-11-14T22:13:30Z' }

  it('is the last record of its id, or of its series at a time', () => {
    expect(find(choiceOf('one', {}), last, first)()).toEqual(last)
    expect(find(choiceOf(undefined, during), first, last)()).toEqual(last)
    expect(find(choiceOf(undefined, { ...during, series: 'cpu.load{host=a,region=eu}' }), last)()).toEqual(
      last,
    )
  })

  it('is none, or one of several, which a sentence says', () => {
    expect(find(choiceOf('two', {}), first)).toThrow('telemetry.anomalies has no anomaly with the id “two”')
    expect(find(choiceOf(undefined, { ...during, at: '2023-11-14T22:15:00Z' }), last)).toThrow(
      'no anomaly of this series at this time',
    )
    expect(find(choiceOf(undefined, during), first, { ...first, id: 'two', statistic: 'p99' })).toThrow(
      /^There are 2 such anomalies: name one by its id\.\none {2}m: mean rose/,
    )
  })
})

import { byteCounter, counter, gauge, type MappingGroup, milliseconds } from './mapping.ts'

/** Where OpenTelemetry's conventions say nothing, the names are those of the Collector's receivers. */
const lag = { to: 'kafka.consumer_group.lag', ...gauge('message') }
const groupOffset = { to: 'kafka.consumer_group.offset', ...gauge('offset') }

export const kafkaExporter: MappingGroup = {
  agent: 'kafka_exporter',
  subject: 'Kafka',
  mappings: [
    { from: 'kafka_brokers', to: 'kafka.brokers', ...gauge('broker') },
    { from: 'kafka_topic_partitions', to: 'kafka.topic.partitions', ...gauge('partition') },
    {
      from: 'kafka_topic_partition_current_offset',
      to: 'kafka.partition.current_offset',
      ...gauge('offset'),
    },
    {
      from: 'kafka_topic_partition_oldest_offset',
      to: 'kafka.partition.oldest_offset',
      ...gauge('offset'),
    },
    { from: 'kafka_topic_partition_replicas', to: 'kafka.partition.replicas', ...gauge('replica') },
    {
      from: 'kafka_topic_partition_in_sync_replica',
      to: 'kafka.partition.replicas_in_sync',
      ...gauge('replica'),
    },
    {
      from: 'kafka_consumergroup_lag',
      ...lag,
      tags: { consumergroup: { to: 'group' } },
    },
    {
      from: 'kafka_consumergroup_current_offset',
      ...groupOffset,
      tags: { consumergroup: { to: 'group' } },
    },
    {
      from: 'kafka_consumergroup_members',
      to: 'kafka.consumer_group.members',
      ...gauge('member'),
      tags: { consumergroup: { to: 'group' } },
    },
  ],
}

export const kafkaJmx: MappingGroup = {
  agent: 'jmx_exporter',
  subject: 'Kafka',
  mappings: [
    {
      from: 'kafka_server_brokertopicmetrics_messagesin_total',
      to: 'kafka.message.count',
      ...counter('message'),
    },
    {
      from: 'kafka_server_brokertopicmetrics_bytesin_total',
      to: 'kafka.network.io',
      ...byteCounter,
      set: { state: 'in' },
    },
    {
      from: 'kafka_server_brokertopicmetrics_bytesout_total',
      to: 'kafka.network.io',
      ...byteCounter,
      set: { state: 'out' },
    },
    {
      from: 'kafka_server_replicamanager_underreplicatedpartitions',
      to: 'kafka.partition.under_replicated',
      ...gauge('partition'),
    },
  ],
}

const sent = { to: 'zookeeper.packet.count', ...counter('packet'), set: { direction: 'sent' } }
const received = { to: 'zookeeper.packet.count', ...counter('packet'), set: { direction: 'received' } }
const connections = { to: 'zookeeper.connection.active', ...gauge('connection') }
const nodes = { to: 'zookeeper.znode.count', ...gauge('znode') }
const watches = { to: 'zookeeper.watch.count', ...gauge('watch') }
const ephemerals = { to: 'zookeeper.data_tree.ephemeral_node.count', ...gauge('node') }
const outstanding = { to: 'zookeeper.request.active', ...gauge('request') }
/** Seconds here, as of all durations; the Collector's receiver has milliseconds. */
const latency = (which: string) => ({ to: `zookeeper.latency.${which}`, ...milliseconds })

export const telegrafZookeeper: MappingGroup = {
  agent: 'Telegraf',
  subject: 'ZooKeeper',
  mappings: [
    { from: 'zookeeper.packets_sent', ...sent },
    { from: 'zookeeper.packets_received', ...received },
    { from: 'zookeeper.num_alive_connections', ...connections },
    { from: 'zookeeper.znode_count', ...nodes },
    { from: 'zookeeper.watch_count', ...watches },
    { from: 'zookeeper.ephemerals_count', ...ephemerals },
    { from: 'zookeeper.outstanding_requests', ...outstanding },
    { from: 'zookeeper.avg_latency', ...latency('avg') },
    { from: 'zookeeper.min_latency', ...latency('min') },
    { from: 'zookeeper.max_latency', ...latency('max') },
  ],
}

export const metricbeatZookeeper: MappingGroup = {
  agent: 'Metricbeat',
  subject: 'ZooKeeper',
  mappings: [
    { from: 'zookeeper.mntr.packets.sent', ...sent },
    { from: 'zookeeper.mntr.packets.received', ...received },
    { from: 'zookeeper.mntr.num_alive_connections', ...connections },
    { from: 'zookeeper.mntr.znode_count', ...nodes },
    { from: 'zookeeper.mntr.watch_count', ...watches },
    { from: 'zookeeper.mntr.ephemerals_count', ...ephemerals },
    { from: 'zookeeper.mntr.outstanding_requests', ...outstanding },
    { from: 'zookeeper.mntr.latency.avg', ...latency('avg') },
    { from: 'zookeeper.mntr.latency.min', ...latency('min') },
    { from: 'zookeeper.mntr.latency.max', ...latency('max') },
  ],
}

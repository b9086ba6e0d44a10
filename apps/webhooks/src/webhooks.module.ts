import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { kitModule } from '@quittance/service-kit/kit.module';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { AdmissionService } from './backlog/admission.service.ts';
import { BacklogMeter } from './backlog/backlog-meter.ts';
import { BacklogRepository } from './backlog/backlog.repository.ts';
import { BacklogNewsService } from './backlog/backlog-news.service.ts';
import { WatchBacklogs } from './backlog/watch-backlogs.ts';
import { SealedBodies } from './bodies/sealed-bodies.ts';
import { TenantKeyRepository } from './bodies/tenant-key.repository.ts';
import { TenantKeys } from './bodies/tenant-keys.ts';
import { secretKeyBytes } from './config.ts';
import type { WebhooksConfig } from './config.ts';
import { AbortDeliveriesWorker } from './deliveries/abort-deliveries.worker.ts';
import { AbortRepository } from './deliveries/abort.repository.ts';
import { AttemptEffectsService } from './deliveries/attempt-effects.service.ts';
import { AuthorisedClient } from './deliveries/authorised-client.ts';
import { AttemptStarts } from './deliveries/attempt-starts.ts';
import { DeliveriesController } from './deliveries/deliveries.controller.ts';
import { DeliveriesService } from './deliveries/deliveries.service.ts';
import { DeliveryLogRepository } from './deliveries/delivery-log.repository.ts';
import { DeliveryRepository } from './deliveries/delivery.repository.ts';
import { DispatchWorker } from './deliveries/dispatch.worker.ts';
import { Dispatcher } from './deliveries/dispatcher.ts';
import { DropPartitionsWorker } from './deliveries/drop-partitions.worker.ts';
import { FanOutConsumer } from './deliveries/fan-out.consumer.ts';
import { FanOutService } from './deliveries/fan-out.service.ts';
import { parseProxy } from './deliveries/forward-proxy.ts';
import { GuardCpuWorker } from './deliveries/guard-cpu.worker.ts';
import { MaintainPartitionsWorker } from './deliveries/maintain-partitions.worker.ts';
import { MeasureBacklogWorker } from './deliveries/measure-backlog.worker.ts';
import { OAuthTokens } from './deliveries/oauth-tokens.ts';
import { OrderingRepository } from './deliveries/ordering.repository.ts';
import { RecordAttemptsService } from './deliveries/record-attempts.service.ts';
import { RefillWorker } from './deliveries/refill.worker.ts';
import { RetentionRepository } from './deliveries/retention.repository.ts';
import { Sender } from './deliveries/sender.ts';
import { ShardLeases } from './deliveries/shard-leases.ts';
import { TestSendsController } from './deliveries/test-sends.controller.ts';
import { TestSendsService } from './deliveries/test-sends.service.ts';
import { UpkeepRepository } from './deliveries/upkeep.repository.ts';
import { WebhookClient } from './deliveries/webhook.client.ts';
import { BreakerRepository } from './endpoints/breaker.repository.ts';
import { BreakersService } from './endpoints/breakers.service.ts';
import { CredentialRepository } from './endpoints/credential.repository.ts';
import { EndpointCredentialsService } from './endpoints/endpoint-credentials.service.ts';
import { EndpointDirectory } from './endpoints/endpoint-directory.ts';
import { EndpointSecretRepository } from './endpoints/endpoint-secret.repository.ts';
import { EndpointSecretsController } from './endpoints/endpoint-secrets.controller.ts';
import { EndpointSecretsService } from './endpoints/endpoint-secrets.service.ts';
import { EndpointRepository } from './endpoints/endpoint.repository.ts';
import { EndpointStatsController } from './endpoints/endpoint-stats.controller.ts';
import { EndpointStatsRepository } from './endpoints/endpoint-stats.repository.ts';
import { EndpointStatsService } from './endpoints/endpoint-stats.service.ts';
import { EndpointsController } from './endpoints/endpoints.controller.ts';
import { EndpointsService } from './endpoints/endpoints.service.ts';
import { EventTypesController } from './endpoints/event-types.controller.ts';
import { PublicKeysController } from './endpoints/public-keys.controller.ts';
import { TargetGuard } from './endpoints/target-guard.ts';
import { EndpointHealthRepository } from './health/endpoint-health.repository.ts';
import { HealthService } from './health/health.service.ts';
import { WatchHealthWorker } from './health/watch-health.worker.ts';
import { RecoveryController } from './replays/recovery.controller.ts';
import { ReplayDeliveriesWorker } from './replays/replay-deliveries.worker.ts';
import { ReplayQueueRepository } from './replays/replay-queue.repository.ts';
import { ReplayStepService } from './replays/replay-step.service.ts';
import { ReplayRepository } from './replays/replay.repository.ts';
import { ReplaysController } from './replays/replays.controller.ts';
import { ReplaysService } from './replays/replays.service.ts';
import { MessageRepository } from './messages/message.repository.ts';
import { MessagesController } from './messages/messages.controller.ts';
import { MessagesService } from './messages/messages.service.ts';
import { PublishGate } from './messages/publish-gate.ts';
import { PortalInterceptor } from './portal/portal.interceptor.ts';
import { AbortErasedWorker } from './erasures/abort-erased.worker.ts';
import { ErasureRepository } from './erasures/erasure.repository.ts';
import { ErasuresController } from './erasures/erasures.controller.ts';
import { ErasuresService } from './erasures/erasures.service.ts';
import { problems } from './problems.ts';
import { PullConsumerRepository } from './pull/pull-consumer.repository.ts';
import { PullConsumersService } from './pull/pull-consumers.service.ts';
import { PullFeed } from './pull/pull-feed.ts';
import { PullPositionRepository } from './pull/pull-position.repository.ts';
import { PullWaits } from './pull/pull-waits.ts';
import { PullController } from './pull/pull.controller.ts';
import { PullService } from './pull/pull.service.ts';
import { VerificationsController } from './verifications/verifications.controller.ts';
import { VerificationsService } from './verifications/verifications.service.ts';

@Module({})
class WebhooksModule {}

const controllers = [
  ...[EndpointsController, EndpointSecretsController, PublicKeysController, EndpointStatsController],
  ...[EventTypesController, VerificationsController, TestSendsController, DeliveriesController],
  ...[MessagesController, PullController, RecoveryController, ReplaysController, ErasuresController],
  FanOutConsumer,
];

/** Where to send what, and what it takes. */
const endpoints: Provider[] = [
  ...[EndpointRepository, EndpointsService, EndpointDirectory, EndpointStatsRepository, EndpointStatsService],
  ...[EndpointSecretRepository, EndpointSecretsService, CredentialRepository, EndpointCredentialsService],
  ...[BreakerRepository, BreakersService, VerificationsService],
  ...[EndpointHealthRepository, HealthService, WatchHealthWorker],
  { provide: APP_INTERCEPTOR, useClass: PortalInterceptor },
];

/** From an event to a request, and what comes of it. */
const deliveries: Provider[] = [
  ...[FanOutService, AdmissionService, DeliveryRepository, OrderingRepository, ShardLeases, Dispatcher, RefillWorker],
  ...[DispatchWorker, GuardCpuWorker, Sender, AttemptStarts, OAuthTokens, AuthorisedClient],
  ...[RecordAttemptsService, AttemptEffectsService, DeliveryLogRepository, DeliveriesService, TestSendsService],
  ...[ReplayRepository, ReplayQueueRepository, ReplayStepService, ReplaysService, ReplayDeliveriesWorker],
];

/** What is published over HTTP, and fetched instead of sent. */
const messagesAndPull: Provider[] = [
  ...[MessageRepository, MessagesService, PublishGate],
  ...[PullPositionRepository, PullConsumerRepository, PullConsumersService, PullFeed, PullWaits, PullService],
];

/** What is kept, for how long, and how much of it there is. */
const upkeep: Provider[] = [
  ...[TenantKeyRepository, TenantKeys, SealedBodies, ErasureRepository, ErasuresService, AbortErasedWorker],
  ...[UpkeepRepository, MaintainPartitionsWorker, RetentionRepository, DropPartitionsWorker],
  ...[MeasureBacklogWorker, BacklogMeter, BacklogRepository, BacklogNewsService, WatchBacklogs],
  ...[AbortRepository, AbortDeliveriesWorker],
];

/** The whole service: the only list of what it is made of. */
export function webhooksModule(config: WebhooksConfig): DynamicModule {
  return {
    module: WebhooksModule,
    imports: [kitModule({ name: 'webhooks', config, problems })],
    controllers,
    providers: [...endpoints, ...deliveries, ...messagesAndPull, ...upkeep, ...edges(config)],
  };
}

/** What stands between us and the outside: the key, the guard, the client. */
function edges(config: WebhooksConfig): Provider[] {
  const rules = { allowHttp: config.webhookAllowHttp, allowedCidrs: config.webhookAllowedCidrs };
  const proxy = config.webhookProxyUrl === undefined ? null : parseProxy(config.webhookProxyUrl.reveal());
  return [
    { provide: SecretBox, useFactory: () => new SecretBox(secretKeyBytes(config.secretsKey)) },
    { provide: TargetGuard, useFactory: () => new TargetGuard(rules) },
    {
      provide: WebhookClient,
      inject: [TargetGuard],
      useFactory: (guard: TargetGuard) => new WebhookClient(guard, { timeoutMs: config.webhookTimeoutMs, proxy }),
    },
  ];
}

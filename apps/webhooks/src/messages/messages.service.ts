import { Injectable } from '@nestjs/common';
import { isEventType, partnerEventTypes } from '@quittance/events/catalogue';
import { dataFaults } from '@quittance/events/data-faults';
import { formatSequence } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { invalidRequest, notFound, Problem } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { currentTraceparent } from '@quittance/service-kit/telemetry/trace';
import { DeliveryLogRepository } from '../deliveries/delivery-log.repository.ts';
import type { DeliveryView } from '../deliveries/delivery-view.ts';
import { FanOutService } from '../deliveries/fan-out.service.ts';
import { messageOf } from '../deliveries/message.ts';
import type { Fact } from '../deliveries/message.ts';
import { DomainError } from '../domain/errors.ts';
import { bodyBytesMax, idFault, isCustomType, refuseAnother } from '../domain/message.ts';
import type { Publication } from '../domain/message.ts';
import type { MessageAttempt, MessageDetail, MessageFilter, MessagePage } from './message-view.ts';
import { MessageRepository } from './message.repository.ts';

export interface NewMessage {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly subject?: string | undefined;
  readonly channels?: readonly string[] | undefined;
  readonly id?: string | undefined;
  readonly sequence?: number | undefined;
}

export interface PublishedMessage {
  readonly message: MessageDetail;
  /** It was there before. */
  readonly isReplay: boolean;
}

const partnerTypes = new Set<string>(partnerEventTypes);

/** What a tenant publishes itself goes the way of an event: one message, and a delivery for each endpoint it suits. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly messages: MessageRepository,
    private readonly fanOut: FanOutService,
    private readonly log: DeliveryLogRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Under one id there is one message, however many publish it at once: who comes second waits for the first one's
   * commit at the key, and then compares.
   */
  async publish(tx: Tx, tenantId: string, input: NewMessage): Promise<PublishedMessage> {
    this.check(input);
    const fact = this.factOf(tenantId, input);
    const wanted = messageOf(fact);
    if (wanted.body.length > bodyBytesMax) {
      throw new Problem(413, 'payload_too_large', `A message has at most ${bodyBytesMax} bytes.`);
    }
    const earlier = input.id === undefined ? null : await this.messages.find(tx, tenantId, fact.id);
    if (earlier === null) await this.fanOut.fanOut(tx, [fact], { keep: true });
    // Nobody else knows an id that was made here.
    if (input.id === undefined) return { message: { ...wanted, occurredAt: new Date(fact.time) }, isReplay: false };
    const message = earlier ?? (await this.get(tx, tenantId, fact.id));
    const { body } = message;
    if (body === null) throw new DomainError('message_erased', 'What was published under this id has been erased.');
    refuseAnother(publishedOf({ ...message, body }), publishedOf(wanted));
    return { message, isReplay: earlier !== null || !body.equals(wanted.body) };
  }

  page(tx: Tx, tenantId: string, filter: MessageFilter): Promise<MessagePage> {
    return this.messages.page(tx, tenantId, filter);
  }

  async get(tx: Tx, tenantId: string, id: string): Promise<MessageDetail> {
    const message = await this.messages.find(tx, tenantId, id);
    if (message === null) throw notFound('webhook message', id);
    return message;
  }

  /** Newest first, over all deliveries. */
  async attempts(
    tx: Tx,
    tenantId: string,
    page: { id: string; before: string | null; limit: number },
  ): Promise<MessageAttempt[]> {
    const [attempts] = await Promise.all([this.messages.attempts(tx, tenantId, page), this.get(tx, tenantId, page.id)]);
    return attempts;
  }

  async deliveries(tx: Tx, tenantId: string, id: string): Promise<DeliveryView[]> {
    const [deliveries] = await Promise.all([this.log.ofMessage(tx, tenantId, id), this.get(tx, tenantId, id)]);
    return deliveries;
  }

  private check({ type, data, id }: NewMessage): void {
    if (!isCustomType(type) && !partnerTypes.has(type)) {
      const detail = 'is neither a type that partners see nor one of your own, custom.<word>.<word>';
      const errors = [{ pointer: '/type', detail }];
      throw new DomainError('event_type_unknown', 'The event type is unknown.', { errors });
    }
    const fault = id === undefined ? null : idFault(id, this.clock.now());
    if (fault !== null) throw invalidRequest([{ pointer: '/id', detail: fault }]);
    const faults = isEventType(type) ? dataFaults(type, data) : [];
    if (faults.length === 0) return;
    throw invalidRequest(faults.map(({ pointer, detail }) => ({ pointer: `/data${pointer}`, detail })));
  }

  private factOf(tenantId: string, input: NewMessage): Fact {
    const { type, data, subject, channels, sequence } = input;
    const traceparent = currentTraceparent();
    const id = input.id?.toLowerCase() ?? newId();
    return {
      ...{ tenantid: tenantId, id, type, subject: subject ?? id, data },
      ...(channels && { channels: [...new Set(channels)] }),
      time: this.clock.now().toISOString(),
      ...(sequence === undefined ? {} : { sequence: formatSequence(sequence) }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }
}

function publishedOf(message: Omit<MessageDetail, 'id' | 'occurredAt'> & { body: Buffer }): Publication {
  const { type, subject, sequence, channels, body } = message;
  const { data } = JSON.parse(body.toString('utf8')) as { data: unknown };
  return { type, subject, sequence, channels, data };
}

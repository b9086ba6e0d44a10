import { thinData } from '../domain/thin.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';
import { payloadVersions } from '../endpoints/event-catalogue.ts';

export interface Stored {
  readonly type: string;
  readonly body: Buffer;
}

interface Webhook {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * The bytes that an endpoint is sent of a message: the stored ones where it takes the whole in the version they are of.
 * Made anew for each attempt from nothing but these bytes and the endpoint's settings, so that every attempt under the
 * same settings has the same bytes, and a change of them counts for what is queued. Throws where a version cannot be
 * made.
 */
export function render({ type, body }: Stored, target: Pick<Target, 'contentMode' | 'payloadVersion'>): Buffer {
  const { contentMode, payloadVersion } = target;
  const sentAs = payloadVersions.sentAs(type, payloadVersion);
  if (contentMode === 'full' && sentAs === type) return body;
  const webhook = JSON.parse(body.toString()) as Webhook;
  const data = payloadVersions.convert(type, webhook.data, payloadVersion);
  const shown = contentMode === 'thin' ? thinData(sentAs, data) : data;
  return Buffer.from(JSON.stringify({ ...webhook, type: sentAs, data: shown }));
}

import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { Problem } from '@quittance/service-kit/http/problem';

/**
 * The body as a stream that cannot exceed the limit. A declared length is checked at once and then kept by the HTTP
 * parser, so the stream passes as it is; without one (chunked) the bytes are counted on their way.
 */
export function limitedBody(request: IncomingMessage, limitBytes: number): Readable {
  const declared = request.headers['content-length'];
  if (declared !== undefined) {
    if (Number(declared) > limitBytes) throw tooLarge(limitBytes);
    return request;
  }
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limitBytes) done(tooLarge(limitBytes));
      else done(null, chunk);
    },
  });
  request.on('error', (error) => counted.destroy(error));
  return request.pipe(counted);
}

function tooLarge(limitBytes: number): Problem {
  return new Problem(413, 'payload_too_large', `The body may have at most ${limitBytes} bytes.`);
}

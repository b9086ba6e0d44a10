import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { requestHeaders } from './headers.ts';

const identity = { internalToken: 't', requestId: 'r', ip: '127.0.0.1', hasBody: true };
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const incoming = { traceparent, tracestate: 'a=b', cookie: 'c', 'x-client-secret': 's', 'content-length': '2' };

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

describe('what a service gets of a request', () => {
  it('is a list of its own, with the token that speaks for the caller', () => {
    expect(requestHeaders(incoming, identity)).toEqual({
      authorization: 'Bearer t',
      'x-request-id': 'r',
      'x-forwarded-for': '127.0.0.1',
      'content-length': '2',
      traceparent,
      tracestate: 'a=b',
    });
  });

  it('announces no length without a body', () => {
    expect(requestHeaders(incoming, { ...identity, hasBody: false })).not.toHaveProperty('content-length');
  });

  it("leaves the trace to the HTTP client's instrumentation where a span is active", () => {
    const span = { traceId: traceparent.slice(3, 35), spanId: '1'.repeat(16), traceFlags: 1 };
    const headers = context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => requestHeaders(incoming, identity));
    expect(headers).not.toHaveProperty('traceparent');
    expect(headers).not.toHaveProperty('tracestate');
  });
});

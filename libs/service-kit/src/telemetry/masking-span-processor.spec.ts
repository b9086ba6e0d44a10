import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { MaskingSpanProcessor } from './masking-span-processor.ts';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
  spanProcessors: [new MaskingSpanProcessor(), new SimpleSpanProcessor({ exporter })],
});

it('lets no span out with a card number or a URL, and changes nothing else of it', () => {
  const span = provider.getTracer('test').startSpan('GET /notes/{id}');
  span.setAttributes({
    'url.path': '/instruments/tok_1',
    'url.query': 'policyholderLocator=078-05-1120',
    'url.full': 'http://h/instruments/tok_1?policyholderLocator=078-05-1120',
    'http.target': '/instruments/tok_1',
    'http.route': '/notes/{id}',
    note: '4111 1111 1111 1111 and 41111111-1111-4111-8111-111111111111',
    'http.response.status_code': 422,
    list: ['4111-1111-1111-1111', 'x'],
  });
  span.recordException(new Error('no 4111111111111111'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: '4111111111111111' });
  span.end();
  const [exported] = exporter.getFinishedSpans();
  expect(exported?.attributes).toEqual({
    'http.route': '/notes/{id}',
    note: '**** **** **** 1111 and 41111111-1111-4111-8111-111111111111',
    'http.response.status_code': 422,
    list: ['****-****-****-1111', 'x'],
  });
  expect(exported?.status.message).toBe('************1111');
  expect(JSON.stringify(exported?.events)).not.toContain('4111111');
});

import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { MaskingSpanProcessor } from './masking-span-processor.ts';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
  spanProcessors: [new MaskingSpanProcessor(), new SimpleSpanProcessor({ exporter })],
});

it('lets no span out with a card number, and changes nothing else of it', () => {
  const span = provider.getTracer('test').startSpan('GET /notes/{id}');
  span.setAttributes({
    'url.path': '/notes/4111111111111111',
    'url.query': 'a=4111%201111%201111%201111&b=x%2Fy',
    'url.full': 'http://h/notes?a=4111+1111+1111+1111&b=%zz',
    'url.other': '/payments/41111111-1111-4111-8111-111111111111?q=a%20b+c',
    'http.response.status_code': 422,
    list: ['4111-1111-1111-1111', 'x'],
  });
  span.recordException(new Error('no 4111111111111111'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: '4111111111111111' });
  span.end();
  const [exported] = exporter.getFinishedSpans();
  expect(exported?.attributes).toEqual({
    'url.path': '/notes/************1111',
    'url.query': 'a=**** **** **** 1111&b=x/y',
    'url.full': 'http://h/notes?a=**** **** **** 1111&b=%zz',
    'url.other': '/payments/41111111-1111-4111-8111-111111111111?q=a%20b+c',
    'http.response.status_code': 422,
    list: ['****-****-****-1111', 'x'],
  });
  expect(exported?.status.message).toBe('************1111');
  expect(JSON.stringify(exported?.events)).not.toContain('4111111');
});

// Every event of the catalogue is said by the service that the catalogue names, or comes from outside.
import { catalogue, eventTypes } from '@quittance/events/catalogue';
import type { EventType } from '@quittance/events/catalogue';
import { services } from '@quittance/events/streams';
import { sourceFiles } from './source-files.ts';

const sources = sourceFiles().filter(({ path }) => /\.ts$/.test(path) && !/\.(spec|itest|contract)\.ts$/.test(path));

/**
 * Whether a service names the type anywhere but where it listens: as one text, or as `noun.${…}` and the participle.
 */
function speakerOf(service: string): (type: string) => boolean {
  const own = sources.filter(({ path }) => path.startsWith(`apps/${service}/src/`) && !/\.consumer\.ts$/.test(path));
  const text = own.flatMap(({ lines }) => lines.filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))).join('\n');
  return (type) => {
    const [noun, participle] = type.split('.');
    return text.includes(`'${type}'`) || (text.includes(`\`${noun}.\${`) && text.includes(`'${participle}'`));
  };
}

/**
 * Of the contract, and said by nobody: a term has one schedule, which a change of plan lays out anew and a renewal leaves
 * to be paid (docs/adr/0018), so that nothing takes its place. A type is not taken out of the contract, either.
 */
const unsaid = ['schedule.superseded'];

const inbound = eventTypes.filter((type) => !(services as readonly string[]).includes(catalogue[type].producer));

it('knows what comes from outside: policies, and nothing else', () => {
  expect(inbound).toContain('policy.issued');
  expect(inbound.filter((type) => !type.startsWith('policy.'))).toEqual([]);
});

it.each(services)('%s says every event that the catalogue promises of it', (service) => {
  const promised = eventTypes.filter((type) => catalogue[type].producer === service);
  const says = speakerOf(service);
  expect(promised.length).toBeGreaterThan(0);
  expect(promised.filter((type) => !says(type))).toEqual(unsaid.filter((type) => promised.includes(type as EventType)));
});

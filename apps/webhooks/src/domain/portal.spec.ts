import { portalAccess } from './portal.ts';

describe('portalAccess', () => {
  it.each([
    ['GET', '/event-types', 'open'],
    ['GET', '/event-types/:type', 'open'],
    ['GET', '/webhook-endpoints', 'open'],
    ['HEAD', '/webhook-endpoints', 'open'],
    ['POST', '/webhook-endpoints', 'unlimited'],
    ['GET', '/webhook-endpoints/:id', 'endpoint'],
    ['PATCH', '/webhook-endpoints/:id', 'endpoint'],
    ['DELETE', '/webhook-endpoints/:id', 'endpoint'],
    ['GET', '/webhook-endpoints/:id/stats', 'endpoint'],
    ['POST', '/webhook-endpoints/:id/whatever-comes', 'endpoint'],
    ['GET', '/webhook-deliveries', 'open'],
    ['GET', '/webhook-deliveries/:id', 'delivery'],
    ['POST', '/webhook-deliveries/:id/retry', 'delivery'],
    ['GET', '/webhook-messages', 'unlimited'],
    ['GET', '/webhook-messages/:id/attempts', 'unlimited'],
    ['POST', '/webhook-messages', 'closed'],
    ['GET', '/webhook-poll', 'closed'],
    ['GET', '/webhook-poll/:consumer', 'closed'],
    ['POST', '/webhook-replays', 'closed'],
    ['GET', '/event-typesx', 'closed'],
    ['GET', '/webhook-endpoints/:idx', 'closed'],
    ['GET', '/whatever-comes', 'closed'],
    ['POST', '/event-types', 'closed'],
  ])('%s %s is %s', (method, route, access) => {
    expect(portalAccess(method, route)).toBe(access);
  });
});

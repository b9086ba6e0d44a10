import type { Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import type { DiscoveryService } from '@nestjs/core';
import { PUBLIC, SCOPE } from './auth.ts';

/** Throws when a route has neither a scope nor `@Public()`: a forgotten line is found at boot, not by a stranger. */
export function assertEveryRouteHasAScope(discovery: DiscoveryService, scanner = new MetadataScanner()): void {
  const open = discovery
    .getControllers()
    .flatMap(({ metatype }) => (metatype ? openRoutes(metatype as Type<object>, scanner) : []));
  if (open.length > 0) throw new Error(`routes without @RequireScope() or @Public(): ${open.join(', ')}`);
}

function openRoutes(controller: Type<object>, scanner: MetadataScanner): string[] {
  if (isGuarded(controller)) return [];
  const prototype = controller.prototype as Record<string, object>;
  return scanner
    .getAllMethodNames(prototype)
    .filter((name) => {
      const handler = prototype[name];
      return (
        handler &&
        Reflect.hasMetadata(METHOD_METADATA, handler) &&
        Reflect.hasMetadata(PATH_METADATA, handler) &&
        !isGuarded(handler)
      );
    })
    .map((name) => `${controller.name}.${name}`);
}

function isGuarded(target: object): boolean {
  return Reflect.getMetadata(PUBLIC, target) === true || typeof Reflect.getMetadata(SCOPE, target) === 'string';
}

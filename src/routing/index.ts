export * from './digest.js';
export * from './ingress.js';
export { render } from './render.js';
export { compileRoutes, extendHops } from './routes.js';
export * from './said-once.js';
export type * from './types.js';

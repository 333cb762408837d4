/** The certificate library, loaded when it is first needed (120 ms): a start does not make certificates. */

export async function x509() {
  // It registers its parts through this one (its README, "Reflect Polyfill Required").
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

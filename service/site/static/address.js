/** The address of a path of this site, which may stand below a path of its host. */
export const here = (path) => new URL(`..${path}`, import.meta.url).href;

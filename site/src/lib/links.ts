/** Address of a file of the site, below the base. */
export function linkTo(path: string): string {
  return `${import.meta.env.BASE_URL.replace(/\/$/, "")}/${path}`;
}

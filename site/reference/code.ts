import ts from "typescript";

/** A part of a type: a property, method or signature. */
export interface Member {
  readonly name: string;
  /** As written, without its comment and its body. */
  readonly code: string;
  /** The text of its doc comment, tags as they stand. */
  readonly doc: string;
}

/** An exported thing as its author wrote it, without what is inside. */
export interface Written {
  /** `function entropyBits(counts: ArrayLike<number>): number`. */
  readonly code: string;
  /** Of interfaces and classes, in the order of the file. */
  readonly members: readonly Member[];
}

const sources = new Map<string, ts.SourceFile>();

/**
 * What a file says of one of its top-level names.
 *
 * @throws {Error} If there is no such name.
 */
export function writtenAt(path: string, name: string): Written {
  let source = sources.get(path);
  if (!source) {
    source = ts.createSourceFile(path, Deno.readTextFileSync(path), ts.ScriptTarget.Latest, true);
    sources.set(path, source);
  }
  const text = source.text;
  const plain = (from: number, to: number) =>
    text.slice(from, to).trim().replace(/^(export |declare |async |readonly |public )+/, "").replace(/[;,{]$/, "")
      .trim();
  for (const node of source.statements) {
    if (ts.isFunctionDeclaration(node) && node.name?.text === name) {
      return { code: plain(node.getStart(), node.body?.pos ?? node.end), members: [] };
    }
    if (ts.isTypeAliasDeclaration(node) && node.name.text === name) {
      return { code: plain(node.getStart(), node.end), members: [] };
    }
    if ((ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) && node.name?.text === name) {
      const members = [...node.members].filter((member) => !isHidden(member)).map((member): Member => ({
        name: member.name?.getText() ?? (ts.isConstructorDeclaration(member) ? "constructor" : ""),
        code: plain(member.getStart(), bodyOf(member)?.pos ?? member.end),
        doc: docOf(member),
      }));
      return { code: plain(node.getStart(), node.members.pos), members };
    }
    if (!ts.isVariableStatement(node)) continue;
    const found = node.declarationList.declarations.find((one) => one.name.getText() === name);
    if (found) {
      const end = found.type?.end ?? found.end;
      return { code: `const ${text.slice(found.getStart(), end)}`, members: [] };
    }
  }
  throw new Error(`Cannot describe "${name}" as ${path} must declare it: it does not`);
}

function isHidden(member: ts.Node): boolean {
  return ts.canHaveModifiers(member) &&
    (ts.getModifiers(member) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
}

function bodyOf(member: ts.Node): ts.Node | undefined {
  return ts.isConstructorDeclaration(member) || ts.isMethodDeclaration(member) ? member.body : undefined;
}

/** The text of the comment right above, without its stars. */
function docOf(member: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc).at(-1)?.getText() ?? "";
  return comment.replace(/^\/\*\*\s?|\s*\*\/$/g, "").replace(/^\s*\* ?/gm, "").trim();
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { readCsv, writeCsv } from "../../../core/store/csv.ts";

const read = (text: string) => readCsv(new TextEncoder().encode(text), "t.csv");
const columns = (text: string) => [...read(text)].map(([name, column]) => [name, [...column as Float64Array]]);

Deno.test("readCsv() gives back the numbers that writeCsv() wrote, to the bit", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (pairs) => {
    const rows = pairs.map(([u1, u2]) => ({ u1, u2 }));
    const ofName = (name: string) => ({ name, type: "float64", unit: null, text: "" }) as const;
    const text = writeCsv({ name: "t", title: "", columns: [ofName("u1"), ofName("u2")], rows });
    assert.deepEqual(
      read(text),
      new Map([["u1", Float64Array.from(pairs, ([a]) => a)], ["u2", Float64Array.from(pairs, ([, b]) => b)]]),
    );
  }));
});

Deno.test("readCsv() names columns by the first line unless all of it are numbers", () => {
  assert.deepEqual(columns("u,y\n1,2\n3,4\n"), [["u", [1, 3]], ["y", [2, 4]]]);
  assert.deepEqual(columns("1,2\r\n3,4"), [["0", [1, 3]], ["1", [2, 4]]]);
  assert.deepEqual(columns('\ufeff"a, b" , y\n 1 ,-2.5e-3\n'), [["a, b", [1]], ["y", [-0.0025]]]);
  assert.deepEqual(columns("nan,-inf,Infinity\n"), [["0", [NaN]], ["1", [-Infinity]], ["2", [Infinity]]]);
});

Deno.test("readCsv() tells the first text of a column that is no number, hexadecimals and empty fields among them", () => {
  for (const text of ["0x10", "", "1 2", "1,5", "true", "1e"]) {
    const quoted = `"${text}"`;
    assert.deepEqual(read(`a,b\n0,1\n1,${quoted}\n${quoted},3\n`).get("b"), {
      odd: `row 1 is ${JSON.stringify(text)}`,
    });
  }
  assert.deepEqual(read("a\n1\n\n2\n").get("a"), { odd: 'row 1 is ""' });
});

Deno.test("readCsv() refuses what is no table of numbers", () => {
  const refused = (text: string, message: RegExp) => assert.throws(() => read(text), { name: "Problem", message });
  refused("", /t\.csv as CSV as it must hold a row of numbers: it holds none/);
  refused("a,b\n", /it must hold a row of numbers: it holds none/);
  refused("a,b\n1,2\n3\n", /rows must be of one length: that of line 3 is 1/);
  refused("a,b\n1,2,3\n", /rows must be of one length: that of line 2 is 3/);
  refused('a,b\n1,"2\n', /it must be well-formed: Quote Not Closed/);
  refused(",b\n1,2\n", /each column must have a name: that of column 0 is empty/);
  refused("a,a\n1,2\n", /names of columns must differ: "a" is there twice/);
});

Deno.test("readCsv() answers any bytes with columns or a Problem", () => {
  const text = fc.array(fc.constantFrom("1", "-2.5", "a", ",", '"', "\n", "\r\n", " ", "\u0000", "é", "\ufeff"), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(text, (pieces) => {
      try {
        const found = read(pieces.join(""));
        assert.ok(found.size > 0);
      } catch (error) {
        assert.equal((error as Error).name, "Problem");
      }
    }),
    { numRuns: 2000 },
  );
});

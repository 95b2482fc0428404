/** The typed signature of a question that asks for a function, in its form. */
import { useId } from "preact/hooks";
import { Select } from "../select";
import { authoringWords } from "../words/authoring";
import type { Signature } from "./draft";

/** The usual ones; what else there is can be written. */
const TYPES = [
  ...["int", "long", "float", "bool", "string", "void"],
  ...["int[]", "int[][]", "string[]", "string[][]", "map<string,int>", "int?"],
  ...["Tree<int>", "List<int>"],
];

interface SignatureProps {
  signature: Signature;
  onChange: (signature: Signature) => void;
}

export function SignatureFields({ signature, onChange }: SignatureProps) {
  const w = authoringWords().signature;
  const types = useId();
  const change = (part: Partial<Signature>) => onChange({ ...signature, ...part });
  return (
    <fieldset name="signature">
      <legend>
        {w.title} <span class="muted">{w.hint}</span>
      </legend>
      <datalist id={types}>
        {TYPES.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <div class="inline-form">
        <label>
          <span>
            {w.function} <span class="muted">{w.nameHint}</span>
          </span>
          <input
            class="code"
            required
            spellcheck={false}
            value={signature.function}
            maxLength={60}
            onInput={(event) => change({ function: event.currentTarget.value })}
          />
        </label>
        <label>
          {w.returns}
          <input
            class="code"
            required
            spellcheck={false}
            list={types}
            value={signature.returns}
            maxLength={120}
            onInput={(event) => change({ returns: event.currentTarget.value })}
          />
        </label>
      </div>
      <Parameters signature={signature} types={types} onChange={onChange} />
      <Ways signature={signature} change={change} />
    </fieldset>
  );
}

function Parameters({ signature, types, onChange }: SignatureProps & { types: string }) {
  const w = authoringWords().signature;
  const { parameters } = signature;
  const put = (next: Signature["parameters"], in_place = signature.in_place ?? null) =>
    onChange({ ...signature, parameters: next, in_place });
  const change = (at: number, part: Partial<Signature["parameters"][number]>) => {
    const next = parameters.map((each, index) => (index === at ? { ...each, ...part } : each));
    // What is changed in place is named by its name.
    const renamed = parameters[at]?.name === signature.in_place && part.name !== undefined;
    put(next, renamed ? part.name : (signature.in_place ?? null));
  };
  const remove = (at: number) => {
    const gone = parameters[at]?.name === signature.in_place;
    const next = parameters.filter((_, index) => index !== at);
    put(next, gone ? null : (signature.in_place ?? null));
  };
  return (
    <>
      {parameters.map(({ name, type }, index) => (
        <div key={index} class="parameter" role="group" aria-label={w.parameter(index + 1)}>
          <label>
            {w.name}
            <input
              class="code"
              required
              spellcheck={false}
              value={name}
              maxLength={60}
              onInput={(event) => change(index, { name: event.currentTarget.value })}
            />
          </label>
          <label>
            {w.type}
            <input
              class="code"
              required
              spellcheck={false}
              list={types}
              value={type}
              maxLength={120}
              onInput={(event) => change(index, { type: event.currentTarget.value })}
            />
          </label>
          <button
            type="button"
            class="quiet"
            aria-label={w.remove(index + 1)}
            title={w.remove(index + 1)}
            onClick={() => remove(index)}
          >
            ×
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          disabled={parameters.length >= 10}
          onClick={() => put([...parameters, { name: "", type: "" }])}
        >
          {w.add}
        </button>
      </div>
    </>
  );
}

interface WaysProps {
  signature: Signature;
  change: (part: Partial<Signature>) => void;
}

function Ways({ signature, change }: WaysProps) {
  const w = authoringWords().signature;
  const names = signature.parameters.map((each) => each.name).filter((each) => each !== "");
  const places = Object.fromEntries(names.map((each) => [each, each]));
  return (
    <div class="inline-form">
      <Select
        label={w.inPlace}
        value={signature.in_place ?? ""}
        options={{ "": w.nothing, ...places }}
        onChange={(name) => change({ in_place: name === "" ? null : name })}
      />
      <Select
        label={w.process}
        value={signature.process}
        options={w.processes}
        onChange={(process) => change({ process })}
      />
    </div>
  );
}

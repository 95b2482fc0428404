/** Pictures that a statement shows, in a question's form: they come with it, and from nowhere else. */
import { authoringWords } from "../words/authoring";
import type { FieldsProps } from "./fields";

const KINDS = ".png,.jpg,.jpeg,.gif,.webp";

export function Pictures({ draft, onChange }: FieldsProps) {
  const w = authoringWords().pictures;
  const add = async (files: FileList | null) => {
    const added = await Promise.all([...(files ?? [])].map(read));
    onChange({ images: { ...draft.images, ...Object.fromEntries(added) } });
  };
  const remove = (name: string) => {
    const { [name]: _, ...others } = draft.images;
    onChange({ images: others });
  };
  return (
    <fieldset name="images">
      <legend>
        {w.title} <span class="muted">{w.hint}</span>
      </legend>
      {Object.keys(draft.images).length > 0 && (
        <ul class="rows">
          {Object.entries(draft.images).map(([name, image]) => (
            <li key={name}>
              <img class="picture" src={addressOf(name, image)} alt="" />
              <code>{`![](${name})`}</code>
              <button type="button" onClick={() => remove(name)}>
                {w.remove(name)}
              </button>
            </li>
          ))}
        </ul>
      )}
      <label>
        {w.add}
        <input
          type="file"
          multiple
          accept={KINDS}
          onChange={({ currentTarget }) => void add(currentTarget.files)}
        />
      </label>
    </fieldset>
  );
}

/** A file's name as a statement can say it, and its content in base64. */
async function read(file: File): Promise<[string, string]> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const letters = Array.from(bytes, (each) => String.fromCharCode(each));
  const name = file.name.toLowerCase().replace(/[^\w.-]+/g, "-");
  return [name.replace(/^[.-]+/, ""), btoa(letters.join(""))];
}

function addressOf(name: string, image: string): string {
  const kind = name.split(".").at(-1) ?? "";
  return `data:image/${kind === "jpg" ? "jpeg" : kind};base64,${image}`;
}

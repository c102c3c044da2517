"""The differential count: the share of each class as the methods say it, and as it is."""

import numpy as np
import pandas as pd

from wbcray.explorer.numbers.image_tables import image_tables
from wbcray.explorer.reading.tables import RunTables

COLUMNS = ["method", "class", "images", "true_share", "predicted_share", "difference"]


def differential_count(tables: RunTables, split: str, *, held_out: str) -> pd.DataFrame:
    """One row per method and class, the most frequent class first.

    Shares are of all images of the place; `difference` is predicted minus true. Mistakes that
    cancel out do not show here: a right differential count can rest on wrong images.
    """
    blocks = []
    for table in image_tables(tables, split, held_out=held_out):
        whole = table.images.sum()
        true, said = table.images.sum(axis=1) / whole, table.images.sum(axis=0) / whole
        block = {
            "method": table.method,
            "class": list(tables.facts.classes),
            "images": np.rint(true * whole).astype(np.int64),
            "true_share": true,
            "predicted_share": said,
            "difference": said - true,
        }
        blocks.append(pd.DataFrame(block))
    if not blocks:
        return pd.DataFrame(columns=COLUMNS)
    rows = pd.concat(blocks, ignore_index=True)
    rows["rank"] = rows.groupby("class")["images"].transform("max")
    rows = rows.sort_values(["rank", "class", "method"], ascending=[False, True, True])
    return rows[COLUMNS].reset_index(drop=True)

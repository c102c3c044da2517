"""Published data sets as empty files: only their paths matter to whoever looks for them."""

MATEK = ("BAS", "EBO", "EOS", "KSC", "LYA", "LYT", "MMZ", "MOB", "MON", "MYB", "MYO", "NGB")
MLL23 = (
    "basophil",
    "eosinophil",
    "hairy_cell",
    "lymphocyte",
    "lymphocyte_large_granular",
    "lymphocyte_neoplastic",
    "lymphocyte_reactive",
    "metamyelocyte",
    "monocyte",
    "myeloblast",
    "myelocyte",
    "neutrophil_band",
    "neutrophil_segmented",
    "normoblast",
    "plasma_cell",
    "promyelocyte",
    "promyelocyte_atypical",
    "smudge_cell",
)


def touch(root, *paths):
    """Empty files at `paths` below `root`, their folders included; the root."""
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return root


def matek(root, above="AML-Cytomorphology_LMU/AML-Cytomorphology"):
    """Two images of each of twelve of its classes."""
    return touch(root, *(f"{above}/{code}/{code}_000{n}.tiff" for code in MATEK for n in (1, 2)))


def acevedo(root):
    """One image of each of its 13 prefixes."""
    top = "PBC_dataset_normal_DIB"
    return touch(
        root,
        f"{top}/basophil/BA_47.jpg",
        f"{top}/eosinophil/EO_2.jpg",
        f"{top}/erythroblast/ERB_3.jpg",
        f"{top}/ig/IG_4.jpg",
        f"{top}/ig/MMY_5.jpg",
        f"{top}/ig/MY_6.jpg",
        f"{top}/ig/PMY_7.jpg",
        f"{top}/lymphocyte/LY_8.jpg",
        f"{top}/monocyte/MO_9.jpg",
        f"{top}/neutrophil/NEUTROPHIL_10.jpg",
        f"{top}/neutrophil/BNE_11.jpg",
        f"{top}/neutrophil/SNE_12.jpg",
        f"{top}/platelet/PLATELET_13.jpg",
    )


def hida(root):
    """Two labelled parts, two unlabelled ones and the table nobody needs."""
    classes = ("basophil", "monocyte", "myelocyte", "lymphocyte_typical")
    touch(root, "WBC1/DATA-VAL/00001.TIF", "WBC1/DATA-VAL/00002.TIF", "WBC2/DATA-TEST/1.TIF")
    touch(root, *(f"Acevedo_20/{name}/BA_{n}.jpg" for n, name in enumerate(classes)))
    touch(root, *(f"Matek_19/{name}/BAS_000{n}.tiff" for n, name in enumerate(classes)))
    (root / "metadata.csv").write_text("Image,file,label,dataset,set,mean1,mean2,mean3\n")
    return root


def wbcbench(root, table="ID,labels\n00000001.jpg,SNE\n00000002.jpg,VLY\n"):
    """Phase 1 with two images."""
    touch(root, "phase1/00000001.jpg", "phase1/00000002.jpg")
    (root / "phase1_label.csv").write_text(table, encoding="utf-8")
    return root

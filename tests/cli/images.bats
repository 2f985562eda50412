# A column of images: `train` and `eval` read the files that it names.
load helpers

IMAGES=$BATS_TEST_DIRNAME/../data/images

# 42 rows of a few files, of two classes.
make_data() {
    local n=0 round file

    echo "id,path,label"
    for round in 1 2 3 4 5 6; do
        for file in areas grey8 colour8 palette4 grey2 interlaced_grey \
            turned3; do
            n=$((n + 1))
            echo "$n,$file.png,$((n % 2))"
        done
    done
}

# The same rows as columns of pixels.
make_pixels() {
    mkdir -p scans
    cp "$IMAGES"/*.png scans
    cut -d, -f1,2,3 data.csv >labels.csv
    sed '1s/id,path,label/path,label,id/; 2,$s/^\([^,]*\),\([^,]*\),\(.*\)/\2,\3,\1/' \
        data.csv >by_path.csv
    head -n 8 by_path.csv | cut -d, -f1 >names.csv
    assay pair -q --labels-from names.csv --key path --allow-unmatched \
        --shape 8x8x3 scans >once.csv
    awk -F, 'NR == FNR { row[$1] = $0; next }
        FNR == 1 { sub(/^[^,]*,[^,]*,/, "", row["id"]); print "id,label," row["id"]; next }
        { pixels = row[$2]; sub(/^[^,]*,[^,]*,/, "", pixels)
          print $1 "," $3 "," pixels }' once.csv data.csv
}

@test "files and columns of pixels give the same curve and predictions" {
    make_data >data.csv
    make_pixels >pixels.csv
    for net in mlp lenet; do
        kernel=
        [ $net = mlp ] || kernel="--kernel 3"
        # shellcheck disable=SC2086
        assay train -q --net $net $kernel --shape 8x8x3 --epochs 3 \
            --root "$IMAGES" -m files.model data.csv >files.curve
        # shellcheck disable=SC2086
        assay train -q --net $net $kernel --shape 8x8x3 --epochs 3 \
            -m pixels.model pixels.csv >pixels.curve
        cmp files.curve pixels.curve
        assay eval -q -m files.model --root "$IMAGES" data.csv >files.pred
        assay eval -q -m pixels.model pixels.csv >pixels.pred
        cmp files.pred pixels.pred
    done
}

@test "the same bytes at any number of threads" {
    make_data >data.csv
    for threads in 1 2 5; do
        assay train -q -j $threads --shape 8x8x1 --epochs 3 --shift 1 \
            --root "$IMAGES" -m model.$threads data.csv >curve.$threads
        assay eval -q -j $threads -m model.$threads --root "$IMAGES" data.csv \
            >pred.$threads
        cmp curve.1 curve.$threads
        cmp model.1 model.$threads
        cmp pred.1 pred.$threads
    done
}

@test "a column of names of images is one, and is not used without a shape" {
    make_data >data.csv
    run assay train --shape 8x8x3 --root "$IMAGES" --explain --csv data.csv
    [ "$status" -eq 0 ]
    [[ $output == *"path,image,feature,0,7,,,,areas.png"* ]]
    [[ $output == *"assay train: images of 8x8x3, pixels from 0 to 255"* ]]
    awk -F, -v OFS=, '{ print $0, NR == 1 ? "x" : NR % 7 }' data.csv >more.csv
    run assay train --epochs 1 more.csv
    [ "$status" -eq 0 ]
    [[ $output == *"assay train: column 'path' names images; not used (--shape HxWxC reads them)"* ]]
}

@test "folds, predictions and replicas of images" {
    make_data >data.csv
    assay train -q --shape 8x8x1 --epochs 2 --folds 3 --predict \
        --root "$IMAGES" data.csv >pred.csv
    [ "$(wc -l <pred.csv)" -eq 43 ]
}

@test "--type image takes files of any name; paths are absolute or below --root" {
    make_data >data.csv
    mkdir -p scans/old
    cp "$IMAGES/areas.png" scans/old/7
    cp "$IMAGES/grey8.png" scans/old/8
    {
        echo "label,scan"
        for n in 1 2 3 4 5 6 7 8 9 10; do
            echo "a,old/7"
            echo "b,$PWD/scans/old/8"
        done
    } >data.csv
    assay train -q --shape 8x8x1 --type scan=image --root scans/ --epochs 2 \
        data.csv >one
    sed "s|,old|,scans/old|" data.csv >here.csv
    assay train -q --shape 8x8x1 --type scan=image --epochs 2 here.csv >two
    cmp one two
}

# The command, the status, and its one line.
says() {
    local status_wanted=$1 line=$2
    shift 2
    run assay "$@"
    [ "$status" -eq "$status_wanted" ] || { echo "status $status: $output"; return 1; }
    [[ $output == *"$line" ]] || { echo "$output"; return 1; }
}

@test "what cannot be read as images" {
    make_data >data.csv
    says 2 "assay train: column 'path' names images: --shape HxWxC says in what size they are read" \
        train --features path data.csv
    says 2 "assay train: column 'path' names images: --shape HxWxC says in what size they are read" \
        train --type path=image data.csv
    says 2 "assay train: --shape 8x8x2: images of files have 1 channel or 3" \
        train --shape 8x8x2 data.csv
    says 2 "assay train: --shape: '2000x2000x3' is 12000000 values, more than 10000000" \
        train --shape 2000x2000x3 data.csv
    sed '1s/$/,more/; 2,$s/$/,x/' data.csv >more.csv
    says 2 "assay train: column 'path' names images, which are read alone, but there is 'more' too (--features path)" \
        train --shape 8x8x1 more.csv
    says 2 "assay eval: --root is for data: -m MODEL" \
        eval --metrics --root . data.csv
}

@test "images that are missing or damaged are named with their place" {
    make_data >data.csv
    head -c 100 "$IMAGES/grey8.png" >half.png
    says 1 "assay train: data.csv:2: column 'path' (field 2): areas.png: cannot open: No such file or directory" \
        train --shape 8x8x1 data.csv
    sed "s|^9,grey8.png|9,$PWD/half.png|" data.csv >damaged.csv
    run assay train --shape 8x8x1 --root "$IMAGES" damaged.csv
    [ "$status" -eq 1 ]
    [[ $output == "assay train: damaged.csv:10: column 'path' (field 2): $PWD/half.png: "* ]]
    mkfifo fifo.png
    sed "s|^9,grey8.png|9,$PWD/fifo.png|" data.csv >fifo.csv
    run timeout 5 assay train --shape 8x8x1 --root "$IMAGES" fifo.csv
    [ "$status" -eq 1 ]
    [ "$output" = "assay train: fifo.csv:10: column 'path' (field 2): $PWD/fifo.png: not a regular file" ]
    sed "s|^5,grey2.png|5,|" data.csv >empty.csv
    says 1 "assay train: empty.csv:6: column 'path' (field 2): an image is missing" \
        train --shape 8x8x1 --root "$IMAGES" empty.csv
}

@test "eval --bad missing takes a blank for an image that cannot be had" {
    make_data >data.csv
    assay train -q --shape 8x8x1 --epochs 2 --root "$IMAGES" \
        --missing none -m model data.csv \
        >/dev/null
    mkfifo fifo.png
    sed "s|^9,grey8.png|9,$PWD/fifo.png|" data.csv >fifo.csv
    run timeout 5 assay eval -m model --root "$IMAGES" -o out.csv fifo.csv
    [ "$status" -eq 1 ]
    [[ $output == *"$PWD/fifo.png: not a regular file"* ]]
    sed "s|^5,grey2.png|5,none|; s|^9,grey8.png|9,nowhere.png|" data.csv >bad.csv
    says 1 "assay eval: bad.csv:6: column 'path' (field 2): an image is missing (--bad missing takes it for a missing one)" \
        eval -m model --root "$IMAGES" -o out.csv bad.csv
    [ ! -e out.csv ]
    run assay eval -m model --root "$IMAGES" --bad missing -o out.csv bad.csv
    [ "$status" -eq 0 ]
    [[ $output == *"assay eval: column 'path': 2 cells not an image, taken for missing"* ]]
    [ "$(wc -l <out.csv)" -eq 43 ]
    # Both are the same blank.
    [ "$(sed -n 6p out.csv | cut -d, -f4-5)" = "$(sed -n 10p out.csv | cut -d, -f4-5)" ]
}

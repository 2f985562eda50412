# assay pair: labels to images, rows and corrections, by key.
load helpers

IMAGES=$BATS_TEST_DIRNAME/../data/images

# A folder of images of two classes, with what else lies in such folders.
# Under the same names as pictures of a catalogue.
make_scans() {
    mkdir -p scans/cat scans/dog/old
    cp "$IMAGES/grey8.png" scans/cat/001.png
    cp "$IMAGES/colour.jpg" scans/cat/002.JPG
    cp "$IMAGES/areas.png" scans/dog/003.png
    cp "$IMAGES/palette2.png" scans/dog/old/004.png
}

make_labels() {
    cat >labels.csv <<'END'
file,what,"year, about"
dog/old/004.png,dog,1880
cat/002.JPG,"cat, ""Tom""",
dog/003.png,dog,01881
cat/001.png,cat,1882
END
}

# idx FILE DIMENSION... : the header; the bytes come from standard input.
idx() {
    local file=$1 size

    shift
    {
        printf "\\0\\0\\010\\00$#"
        for size; do
            # shellcheck disable=SC2059
            printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $((size >> 24)) \
                $((size >> 16 & 255)) $((size >> 8 & 255)) $((size & 255)))"
        done
        cat
    } >"$file"
}

# ---- folders ----

@test "the class of an image is its folder" {
    make_scans
    try assay pair --from-folders scans
    expect folders 0 "assay pair: 4 images in 2 folders"
    expect_text folders 'id,path,label
cat/001.png,scans/cat/001.png,cat
cat/002.JPG,scans/cat/002.JPG,cat
dog/003.png,scans/dog/003.png,dog
dog/old/004.png,scans/dog/old/004.png,dog' "$(<out)"
    mv out plain
    try assay pair --from-folders scans/
    expect_file slash plain out
    try assay pair --from-folders ./scans
    expect_text dot cat/001.png,./scans/cat/001.png,cat "$(sed -n 2p out)"
    cd scans
    try assay pair --from-folders .
    expect_text here cat/001.png,cat/001.png,cat "$(sed -n 2p out)"
    try assay pair --from-folders --absolute .
    expect_text absolute "cat/001.png,$PWD/cat/001.png,cat" "$(sed -n 2p out)"
    try assay pair --from-folders --absolute "$PWD"
    expect_text absolute "cat/001.png,$PWD/cat/001.png,cat" "$(sed -n 2p out)"
}

@test "files of folders, as the shell lists them" {
    make_scans
    try assay pair --from-folders scans/dog/*.png scans/cat/001.png
    expect files 0 "assay pair: 2 images in 2 folders"
    expect_text files 'id,path,label
scans/dog/003.png,scans/dog/003.png,dog
scans/cat/001.png,scans/cat/001.png,cat' "$(<out)"
}

@test "the folder of a file is one that its path names" {
    make_scans
    for path in scans//cat//001.png scans/cat/./001.png .//scans/cat/.//001.png \
        "$PWD/scans/cat//001.png"; do
        try assay pair -q --from-folders "$path"
        expect_text "$path" "$path,$path,cat" "$(tail -n 1 out)"
    done
    cd scans/cat
    for path in 001.png ./001.png .//./001.png ../001.png ..//001.png; do
        cp 001.png ..
        try assay pair --from-folders "$path"
        expect "$path" 1 "assay pair: $path: stands in no folder that could \
be its class"
    done
}

@test "what is no image is left out and counted" {
    make_scans
    touch scans/Thumbs.db scans/cat/notes.txt scans/.DS_Store scans/cat/._001.png
    mkdir scans/.thumbnails scans/empty
    cp scans/cat/001.png scans/.thumbnails
    ln -s dog scans/linked
    ln -s ../cat/001.png scans/dog/same.png
    cp "$IMAGES/scan.tif" scans/dog/scan.tif
    try assay pair --from-folders scans
    expect left 0 "assay pair: 6 images in 2 folders
assay pair: no images, left out: 3 hidden, 1 link to folders, 2 other files \
(Thumbs.db, notes.txt)
assay pair: 1 image must be converted to PNG or JPEG before they can be read, \
the first is 'scans/dog/scan.tif'"
    expect_text left 6 "$(tail -n +2 out | wc -l)"
    grep -q '^dog/same.png,' out || fail "a link to a file is a file"
}

@test "what only looks like an image" {
    make_scans
    mkfifo scans/cat/fifo.png
    try timeout 5 assay pair --from-folders --shape 2x2x1 scans
    expect fifo 0 "assay pair: 4 images in 2 folders
assay pair: no images, left out: 1 other file (fifo.png)"
    try timeout 5 assay pair --from-folders --shape 2x2x1 --skip-bad \
        scans/cat/fifo.png
    expect "fifo given" 1 "assay pair: scans/cat/fifo.png: not a regular file"
    ln -s nowhere scans/cat/link.png
    try assay pair --from-folders scans
    expect broken 1 "assay pair: scans/cat/link.png: cannot open: No such file \
or directory"
}

@test "the order of folders is that of their bytes" {
    mkdir -p s/b s/B s/a
    for name in s/b/x.png s/B/x.png s/a/x.png s/a/X.png "s/a/x 1.png" \
        s/a/ä.png; do
        cp "$IMAGES/grey8.png" "$name"
    done
    for locale in C en_US.UTF-8; do
        LC_ALL=$locale try assay pair --from-folders s
        expect_text "$locale" 'B/x.png
a/X.png
a/x 1.png
a/x.png
a/ä.png
b/x.png' "$(tail -n +2 out | cut -d, -f1)"
    done
}

@test "folders without images, and images without a folder" {
    make_scans
    mkdir empty
    try assay pair --from-folders empty
    expect empty 1 "assay pair: empty: no images in this folder"
    touch empty/a.txt empty/b.txt
    try assay pair --from-folders empty
    expect others 1 "assay pair: empty: no images in this folder (2 other \
files: a.txt, b.txt)"
    try assay pair --from-folders scans/cat
    expect flat 1 "assay pair: scans/cat/001.png: stands in no folder that \
could be its class"
    try assay pair --from-folders nowhere
    expect nowhere 1 "assay pair: nowhere: cannot open: No such file or \
directory"
    cp -r scans more
    try assay pair --from-folders scans more
    expect twice 1 "assay pair: more/cat/001.png: the id 'cat/001.png' occurs \
twice: give the folder above"
    cp "$IMAGES/grey8.png" "$(printf 'scans/cat/\377.png')"
    try assay pair --from-folders scans
    expect utf8 1 "assay pair: the name of a file is not UTF-8: \
'scans/cat/\\xff.png'"
}

@test "a folder that cannot be read" {
    [ "$(id -u)" -ne 0 ] || skip "root reads all"
    make_scans
    chmod 0 scans/dog
    try assay pair --from-folders scans
    chmod 755 scans/dog
    expect locked 1 "assay pair: scans/dog: cannot read this folder: \
Permission denied"
}

# ---- a table of labels ----

@test "images and the rows that name them, in any order" {
    make_scans
    make_labels
    try assay pair --labels-from labels.csv --key file scans
    expect labels 0 "assay pair: 4 images, each with its row of 'labels.csv'"
    expect_text labels 'id,path,file,what,"year, about"
cat/001.png,scans/cat/001.png,cat/001.png,cat,1882
cat/002.JPG,scans/cat/002.JPG,cat/002.JPG,"cat, ""Tom""",
dog/003.png,scans/dog/003.png,dog/003.png,dog,01881
dog/old/004.png,scans/dog/old/004.png,dog/old/004.png,dog,1880' "$(<out)"
    mv out plain
    { head -n 1 labels.csv && tail -n +2 labels.csv | sort; } >sorted.csv
    try assay pair --labels-from sorted.csv --key file scans
    expect_file order plain out
    try assay pair --labels-from - --key file scans <labels.csv
    expect_file stdin plain out
    gzip labels.csv
    try assay pair --labels-from labels.csv.gz --key file scans
    expect_file gzip plain out
    try assay pair --labels-from labels.csv.gz --key file --keep what scans
    expect_text keep 'id,path,what
cat/001.png,scans/cat/001.png,cat' "$(head -n 2 out)"
}

@test "--match compares less than the whole key" {
    make_scans
    printf 'file,n\n004.png,4\n001.png,1\n002.JPG,2\n003.png,3\n' >names.csv
    try assay pair --labels-from names.csv --key file --match name scans
    expect name 0
    expect_text name '001.png,scans/cat/001.png,001.png,1' "$(sed -n 2p out)"
    printf 'file,n\nD:\\x\\004.TIF,4\n001,1\n002.tif,2\n003,3\n' >stems.csv
    try assay pair --labels-from stems.csv --key file --match stem scans
    expect stem 0
    expect_text stem '002.tif,scans/cat/002.JPG,002.tif,2' "$(sed -n 3p out)"
    printf 'file,n\nSCANS/CAT/001.PNG,1\nscans/cat/002.jpg,2\n' >paths.csv
    try assay pair --labels-from paths.csv --key file --match path \
        --ignore-case scans/cat
    expect path 0
    expect_text path 'scans/cat/002.jpg,scans/cat/002.JPG,scans/cat/002.jpg,2' \
        "$(sed -n 3p out)"
    try assay pair --labels-from stems.csv --key file --match case scans
    expect match 2 "assay pair: --match: 'case' is not exact, path, name or stem"
}

@test "paths with backslashes are found where no other is" {
    make_scans
    rm -r scans/dog
    printf 'file,n\ncat\\001.png,1\nCat\\002.jpg,2\n' >l.csv
    try assay pair -q --labels-from l.csv --key file --ignore-case scans
    expect exact 0 ""
    expect_text exact 'id,path,file,n
cat\001.png,scans/cat/001.png,cat\001.png,1
Cat\002.jpg,scans/cat/002.JPG,Cat\002.jpg,2' "$(<out)"
    sed '2,$s/^/scans\\/' l.csv >paths.csv
    try assay pair -q --labels-from paths.csv --key file --ignore-case \
        --match path scans
    expect path 0 ""
    echo cat/001.png,3 >>l.csv
    try assay pair --labels-from l.csv --key file --ignore-case scans
    expect both 1 "assay pair: l.csv: 1 row has no image: 'cat\\001.png' \
(line 2)"
    # keys of two tables are no paths
    printf 'file,m\ncat/001.png,1\n' >data.csv
    sed -i 3,4d l.csv
    try assay pair --labels-from l.csv --key file data.csv
    expect_like tables "assay pair: l.csv: 0 of 1 keys match; *" "$(<err)"
}

@test "an accent in one piece or in two" {
    mkdir -p a
    cp "$IMAGES/grey8.png" "$(printf 'a/Mu\314\210ller.png')"
    printf 'file,n\nM\303\274ller.png,1\n' >labels.csv
    try assay pair --labels-from labels.csv --key file a
    expect nfc 0
    expect_text nfc "$(printf 'M\303\274ller.png,a/Mu\314\210ller.png,M\303\274ller.png,1')" \
        "$(sed -n 2p out)"
    mkdir -p "$(printf 'b/Mu\314\210ller')"
    mv a/* "$(printf 'b/Mu\314\210ller/1.png')"
    try assay pair --from-folders b
    expect_text class "$(printf 'M\303\274ller')" \
        "$(sed -n 2p out | cut -d, -f3)"
}

@test "nothing matches: it says what would" {
    make_scans
    printf 'file,n\nCAT/001,1\n002,2\n003,3\n9,9\n' >l.csv
    try assay pair --labels-from l.csv --key file scans
    expect stem 1 "assay pair: l.csv: 0 of 4 keys match; 3 would with --match \
stem"
    expect_empty stem out
    printf 'file,n\nCAT/001.PNG,1\ncat/002.jpg,2\n' >l.csv
    try assay pair --labels-from l.csv --key file scans
    expect "ignore case" 1 "assay pair: l.csv: 0 of 2 keys match; 2 would with \
--ignore-case"
    printf 'file,n\nscans/cat/001.png,1\n' >l.csv
    try assay pair --labels-from l.csv --key file scans
    expect path 1 "assay pair: l.csv: 0 of 1 keys match; 1 would with --match \
path"
    printf 'file,n\n1,1\n2,2\n' >l.csv
    try assay pair --labels-from l.csv --key file --match stem scans
    expect zeros 1 "assay pair: l.csv: 0 of 2 keys match; 2 would if leading \
zeros were not lost: '1', 'cat/001.png'"
    printf 'file,n\nx,1\n' >l.csv
    try assay pair --labels-from l.csv --key file scans
    expect none 1 "assay pair: l.csv: 0 of 1 keys match: here 'x', there \
'cat/001.png'"
}

@test "one missing and one doubled key are refused, both named" {
    make_scans
    make_labels
    sed -e '/^dog\/003/d' -e '/^cat\/001/p' labels.csv >bad.csv
    try assay pair --labels-from bad.csv --key file -o result scans
    expect both 1 "assay pair: bad.csv: 1 row repeats the key of another: \
'cat/001.png' (lines 4 and 5); 1 image has no row here: 'dog/003.png'"
    [ ! -e result ] || fail "a result of half the images"
    try assay pair --labels-from bad.csv --key file --allow-unmatched scans
    expect doubled 1 "assay pair: bad.csv: 1 row repeats the key of another: \
'cat/001.png' (lines 4 and 5)"
}

@test "images that share a key, and rows without an image" {
    make_scans
    make_labels
    cp scans/cat/001.png scans/dog/001.png
    printf 'file,n\n001,1\n002,2\n003,3\n004,4\n5,5\n6,6\n7,7\n8,8\n' >l.csv
    try assay pair --labels-from l.csv --key file --match stem scans
    expect stem 1 "assay pair: l.csv: 1 image has the key of another: \
'dog/001.png', as '001' ('scans/cat/001.png' and 'scans/dog/001.png'); 4 rows have no \
image: '5' (line 6), '6' (line 7), '7' (line 8), ..."
    printf 'file\na/1.png\nb/1.tif\n' >twice.csv
    try assay pair --labels-from twice.csv --key file --match stem l.csv \
        --data-key file
    expect_like rows "*1 row repeats the key of another: 'b/1.tif', as '1' \
(lines 2 and 3)" "$(<err)"
}

@test "--allow-unmatched counts, --unmatched keeps what has no partner" {
    make_scans
    printf 'file,n\ncat/001.png,1\nx,2\n"y, ""z""",3\ncat/002.JPG,4\n' >l.csv
    try assay pair --labels-from l.csv --key file --allow-unmatched scans
    expect allow 0 "assay pair: 2 images, each with its row of 'l.csv'
assay pair: without a partner, left out: 2 rows of 'l.csv', 2 images"
    expect_text allow 3 "$(wc -l <out)"
    mv out plain
    try assay pair --labels-from l.csv --key file --unmatched rest.csv scans
    expect unmatched 0
    expect_file unmatched plain out
    expect_text unmatched 'side,key,place
image,dog/003.png,scans/dog/003.png
image,dog/old/004.png,scans/dog/old/004.png
labels,x,3
labels,"y, ""z""",4' "$(<rest.csv)"
    try assay pair --labels-from l.csv --key file --unmatched no/rest.csv scans
    expect "cannot write" 1 "assay pair: no/rest.csv: cannot write: No such \
file or directory"
    expect_empty "cannot write" out
    full="/dev/full: cannot write: No space left on device"
    try assay pair -q --labels-from l.csv --key file --unmatched /dev/full scans
    expect full 1 "assay pair: $full"
    expect_failed_stream full out "assay pair failed: $full"
    try assay pair -q --labels-from l.csv --key file --unmatched /dev/full \
        -o result scans
    expect "full, -o" 1 "assay pair: $full"
    [ ! -e result ] || fail "a result all the same"
    printf 'file,m\ncat/001.png,1\n' >data.csv
    try assay pair -q --labels-from l.csv --key file --unmatched /dev/full \
        data.csv
    expect tables 1 "assay pair: $full"
    expect_failed_stream tables out "assay pair failed: $full"
    try assay pair --labels-from l.csv --key file --unmatched x -o x data.csv
    expect result 2 "assay pair: -o and --unmatched are to be different files"
    try assay pair --labels-from l.csv --key file --unmatched - data.csv
    expect stream 2 "assay pair: --unmatched: standard output is for the \
stream: name a file"
    for file in l.csv data.csv; do
        try assay pair --labels-from l.csv --key file --unmatched $file data.csv
        expect $file 2 "assay pair: --unmatched: '$file' is read too: name \
another file"
        try assay pair --update m --key file --unmatched $file data.csv l.csv
        expect $file 2 "assay pair: --unmatched: '$file' is read too: name \
another file"
    done
}

@test "--skip-bad leaves out bad rows of the labels and counts them" {
    make_scans
    make_labels
    echo a >>labels.csv
    try assay pair --labels-from labels.csv --key file scans
    expect ragged 1 "assay pair: labels.csv:6: expected 3 fields (header line \
1), got 1"
    try assay pair --labels-from labels.csv --key file --skip-bad scans
    expect skip 0 "assay pair: 4 images, each with its row of 'labels.csv'
assay pair: 1 bad record left out"
}

@test "an id of the labels, and columns in the way" {
    make_scans
    make_labels
    sed '1s/.*/id,what,year/' labels.csv >id.csv
    try assay pair --labels-from id.csv --key id scans
    expect id 0
    expect_text id 'id,path,what,year
cat/001.png,scans/cat/001.png,cat,1882' "$(head -n 2 out)"
    awk 'NR == 1 { print $0 ",id" } NR > 1 { print $0 ",N" NR }' labels.csv \
        >id.csv
    try assay pair --labels-from id.csv --key file --keep what scans
    expect_text other 'id,path,what
N5,scans/cat/001.png,cat' "$(head -n 2 out)"
    sed '1s/what/path/' labels.csv >path.csv
    try assay pair --labels-from path.csv --key file scans
    expect path 1 "assay pair: path.csv: column 'path' has the name of one \
that is written: rename it, or leave it out with --keep"
    try assay pair --labels-from path.csv --key file --keep file scans
    expect keep 0
    sed '1s/what/p7/' labels.csv >pixel.csv
    try assay pair --labels-from pixel.csv --key file --shape 2x3x1 scans
    expect free 0
    try assay pair --labels-from pixel.csv --key file --shape 2x4x1 scans
    expect pixel 1 "assay pair: pixel.csv: column 'p7' has the name of one \
that is written: rename it, or leave it out with --keep"
    try assay pair --labels-from labels.csv --key file --keep when scans
    expect_like none "assay pair: labels.csv: *'when'*" "$(<err)"
    try assay pair --labels-from labels.csv --key name scans
    expect_like none "assay pair: labels.csv: *'name'*" "$(<err)"
    # what pair wrote can be paired again
    try assay pair -q --labels-from labels.csv --key file -o first.csv scans
    try assay pair -q --labels-from first.csv --key path --match path scans
    expect again 0
    expect_file again first.csv out
}

@test "an empty key" {
    make_scans
    printf 'n,file\n1,cat/001.png\n2,\n' >l.csv
    try assay pair --labels-from l.csv --key file scans
    expect empty 1 "assay pair: l.csv:3: column 'file' (field 2): the key is \
empty"
    printf 'file\na\n' >labels.csv
    printf 'x,file\n1,a\n2,\n' >data.csv
    try assay pair --labels-from labels.csv --key file data.csv
    expect data 1 "assay pair: data.csv:3: column 'file' (field 2): the key is \
empty"
}

# ---- pixels ----

@test "--shape writes pixels, the same with any number of threads" {
    make_scans
    make_labels
    try assay pair --from-folders --shape 2x3x1 scans
    expect pixels 0 "assay pair: 4 images in 2 folders"
    expect_text header id,label,p1,p2,p3,p4,p5,p6 "$(head -n 1 out)"
    mv out plain
    for n in 1 2 3 8; do
        try assay pair -q --from-folders --shape 2x3x1 -j $n scans
        expect_file "$n threads" plain out
    done
    try assay pair -q --labels-from labels.csv --key file --shape 2x3x1 scans
    expect_text labels 'id,file,what,"year, about",p1' \
        "$(head -n 1 out | sed 's/,p2.*//')"
    expect_text same "$(tail -n +2 plain | sed 's/^[^,]*,[^,]*,//')" \
        "$(tail -n +2 out | grep -o '[0-9]*,[0-9]*,[0-9]*,[0-9]*,[0-9]*,[0-9]*$')"
}

@test "--shape of one and three channels" {
    mkdir -p s/a
    cp "$IMAGES/areas_grey.png" s/a
    try assay pair -q --from-folders --shape 9x6x1 s
    grey=$(sed -n 2p out | cut -d, -f3-)
    try assay pair -q --from-folders --shape 9x6x3 s
    expect_text channels "$grey" \
        "$(sed -n 2p out | cut -d, -f3- | tr , '\n' | awk 'NR % 3 == 1' | paste -sd,)"
}

@test "a damaged image is named, or left out and counted" {
    make_scans
    head -c 60 "$IMAGES/colour8.png" >scans/cat/0.png
    head -c 400 "$IMAGES/colour.jpg" >scans/dog/9.jpg
    : >scans/dog/x.png
    try assay pair --from-folders --shape 2x2x1 -o result scans
    expect damaged 1 "assay pair: scans/cat/0.png: damaged PNG file: it ends \
early"
    [ ! -e result ] || fail "a result of half the images"
    rm scans/cat/0.png
    try assay pair --from-folders --shape 2x2x1 scans
    expect stream 1 "assay pair: scans/dog/9.jpg: damaged JPEG file: it ends \
early"
    expect_failed_stream stream out "assay pair failed: scans/dog/9.jpg: \
damaged JPEG file: it ends early"
    try assay pair --from-folders --shape 2x2x1 --skip-bad scans
    expect skip 0 "assay pair: 4 images in 2 folders
assay pair: 2 damaged images left out: scans/dog/9.jpg, scans/dog/x.png"
    expect_text skip 5 "$(wc -l <out)"
    try assay pair --from-folders --shape 2x2x1 --skip-bad scans/dog/[9x].*
    expect all 1 "assay pair: none of 2 images could be read"
    # without pixels nobody looks into them
    try assay pair --from-folders scans
    expect listed 0
}

@test "images of other kinds are refused, whatever their name" {
    make_scans
    cp "$IMAGES/scan.tif" scans/cat/a.tif
    try assay pair --from-folders --shape 2x2x1 --skip-bad scans
    expect tiff 1 "assay pair: scans/cat/a.tif: is a TIFF file; make a PNG of \
it: convert scans/cat/a.tif scans/cat/a.png"
    mv scans/cat/a.tif "scans/cat/a b.png"
    try assay pair --from-folders --shape 2x2x1 scans
    expect named 1 "assay pair: scans/cat/a b.png: is a TIFF file; make a PNG \
of it: convert 'scans/cat/a b.png' 'scans/cat/a b-new.png'"
    cp "$IMAGES/scan.jp2" "scans/cat/a b.png"
    try assay pair --from-folders --shape 2x2x1 scans
    expect_like jp2 "*is a JPEG 2000 file; make a PNG of it: opj_decompress *" \
        "$(<err)"
}

# ---- IDX ----

@test "--idx: images and their labels" {
    printf 'abcdefghijkl' | idx images 2 2 3
    printf '\007\377' | idx labels 2
    try assay pair --idx images labels
    expect idx 0 "assay pair: 2 images of 2x3x1"
    expect_text idx 'id,label,p1,p2,p3,p4,p5,p6
0,7,97,98,99,100,101,102
1,255,103,104,105,106,107,108' "$(<out)"
    mv out plain
    gzip -k images labels
    try assay pair --idx images.gz labels.gz
    expect_file gzip plain out
    try assay pair --idx - labels <images.gz
    expect_file stdin plain out
    try assay pair --idx --shape 1x1x3 images labels
    expect_text shape 'id,label,p1,p2,p3
0,7,100,100,100
1,255,106,106,106' "$(<out)"
}

@test "--idx: what does not fit" {
    printf 'abcdefghijkl' | idx images 2 2 3
    printf '\007\377' | idx labels 2
    printf '\007' | idx few 1
    try assay pair --idx images few
    expect counts 1 "assay pair: few: 1 labels, but 2 images in 'images'"
    try assay pair --idx labels images
    expect order 1 "assay pair: labels: has 1 dimension, not 3 or 4: are these \
the images?"
    try assay pair --idx images images
    expect labels 1 "assay pair: images: has 3 dimensions, not 1: are these \
the labels?"
    head -c 20 images >cut
    try assay pair --idx cut labels
    expect cut 1 "assay pair: cut: the IDX file ends early"
    { cat images && echo; } >long
    try assay pair --idx -o result long labels
    expect long 1 "assay pair: long: the IDX file goes on after its last item"
    [ ! -e result ] || fail "a result of a bad file"
    try assay pair --idx images
    expect one 2 "assay pair: --idx takes two files: images, then labels"
    try assay pair --idx nowhere labels
    expect nowhere 1 "assay pair: nowhere: cannot open: No such file or \
directory"
    gzip -c images | head -c 30 >cut.gz
    try assay pair --idx cut.gz labels
    expect gzip 1 "assay pair: cut.gz: truncated gzip data"
}

# ---- two tables ----

make_tables() {
    cat >data.csv <<'END'
number,title
007,"A ""spy"""
9,Nine
b 2, blank 
END
    cat >labels.csv <<'END'
genre,number,year
drama,b 2,"1900"
thriller,007,
film,9,01962
END
}

@test "two tables: rows in the order of the data, cells as they were" {
    make_tables
    try assay pair --labels-from labels.csv --key number data.csv
    expect tables 0 "assay pair: 3 rows, each with its row of 'labels.csv'"
    expect_text tables 'number,title,genre,year
007,"A ""spy""",thriller,
9,Nine,film,01962
b 2, blank ,drama,"1900"' "$(<out)"
    mv out plain
    try assay pair --labels-from labels.csv --key number <data.csv
    expect_file stdin plain out
    sed '1s/number/nr/' data.csv >other.csv
    try assay pair --labels-from labels.csv --key number --data-key nr other.csv
    expect_text names "$(tail -n +2 plain)" "$(tail -n +2 out)"
    head -n 2 data.csv >one.csv
    sed 2d data.csv >two.csv
    try assay pair --labels-from labels.csv --key number one.csv two.csv
    expect_file several plain out
    try assay pair --labels-from labels.csv --key number --keep year data.csv
    expect_text keep number,title,year "$(head -n 1 out)"
    tr , ';' <data.csv | sed 's/"A ""spy"""/"A;""spy"""/' >semicolons
    tr , ';' <labels.csv >semicolon.labels
    try assay pair --delimiter ';' --labels-from semicolon.labels \
        --key number semicolons
    expect_text delimiter '007,"A;""spy""",thriller,' "$(sed -n 2p out)"
}

@test "two tables: what has no partner, and what has two" {
    make_tables
    { cat data.csv && printf '9,again\nx,\ny,\nx,\n'; } >more.csv
    { cat labels.csv && echo z,z,; } >more.labels
    try assay pair --labels-from more.labels --key number -o result more.csv
    expect all 1 "assay pair: more.labels: 2 rows of the data have the key of \
another: '9' (lines 3 and 5), 'x' (lines 6 and 8); 2 rows of the data have no \
row here: 'x' (line 6), 'y' (line 7); 1 row has no partner in the data: 'z' \
(line 5)"
    [ ! -e result ] || fail "a result all the same"
    try assay pair --labels-from more.labels --key number data.csv more.csv
    expect_like records "*'007' (records 1 and 4)*" "$(<err)"
    { cat labels.csv && tail -n 1 labels.csv; } >twice.labels
    try assay pair --labels-from twice.labels --key number data.csv
    expect twice 1 "assay pair: twice.labels: 1 row repeats the key of \
another: '9' (lines 4 and 5)"
    expect_empty twice out
    { cat data.csv && echo 8,Eight; } >more.csv
    try assay pair --labels-from more.labels --key number --unmatched rest \
        more.csv
    expect allowed 0 "assay pair: without a partner, left out: 1 row of \
'more.labels', 1 row of the data
assay pair: 3 rows, each with its row of 'more.labels'"
    expect_text allowed 4 "$(wc -l <out)"
    expect_text rest 'side,key,place
data,8,5
labels,z,5' "$(<rest)"
    sed 's/007/7/' labels.csv >zeros.labels
    try assay pair --labels-from zeros.labels --key number data.csv
    expect zeros 1 "assay pair: zeros.labels: 1 row of the data has no row \
here: '007' (line 2); 1 row has no partner in the data: '7' (line 3); 3 would \
if leading zeros were not lost: '7', '007'"
}

@test "two tables: columns of both" {
    make_tables
    sed '1s/genre/title/' labels.csv >same.labels
    try assay pair --labels-from same.labels --key number data.csv
    expect both 1 "assay pair: same.labels: column 'title' is in the data too: \
leave it out of one, or name the others with --keep"
    try assay pair --labels-from same.labels --key number --keep year data.csv
    expect keep 0
}

# ---- corrections ----

@test "--update changes the cells that are corrected and no other byte" {
    make_tables
    awk -F, -v OFS=, 'NR == 1 { print $0, "genre", "year" }
        NR > 1 { print $0, "\"old, \"\"x\"\"\"", NR }' data.csv >all.csv
    printf 'number,genre,note\nb 2,"new, ""y""",a\n9,,empty\n007,"old, ""x""",b\n' \
        >fixes.csv
    try assay pair --update genre --key number fixes.csv all.csv
    expect update 0 "assay pair: 1 cell changed, 1 the same as before, 1 empty \
and left as they are"
    sed '4s/"old, ""x"""/"new, ""y"""/' all.csv >wanted
    expect_file update wanted out
    try assay pair -q --update genre --key number fixes.csv <all.csv
    expect stdin 0 ""
    expect_file stdin wanted out
    printf 'nr,genre,year\n9,film,1999\n' >fixes.csv
    try assay pair --update genre,year --key nr --data-key number fixes.csv \
        all.csv
    expect two 0 "assay pair: 2 cells changed, 0 the same as before, 0 empty \
and left as they are"
    expect_text two '9,Nine,film,1999' "$(sed -n 3p out)"
}

@test "--update refuses keys that the data do not have" {
    make_tables
    printf 'number,title\n7,x\n9,y\n' >fixes.csv
    try assay pair --update title --key number -o result fixes.csv data.csv
    expect zeros 1 "assay pair: fixes.csv: 1 row has no partner in the data: \
'7' (line 2); 2 would if leading zeros were not lost: '7', '007'"
    [ ! -e result ] || fail "a result all the same"
    printf 'number,title\n7,x\n' >none.csv
    try assay pair --update title --key number none.csv data.csv
    expect none 1 "assay pair: none.csv: 0 of 1 keys match; 1 would if leading \
zeros were not lost: '7', '007'"
    try assay pair --update title --key number --unmatched rest fixes.csv \
        data.csv
    expect allowed 0 "assay pair: without a partner, left out: 1 row of \
'fixes.csv', 0 rows of the data
assay pair: 1 cell changed, 0 the same as before, 0 empty and left as they are"
    expect_text rest 'side,key,place
labels,7,2' "$(<rest)"
    printf 'number,title\n9,x\n9,y\n' >twice.csv
    try assay pair --update title --key number twice.csv data.csv
    expect twice 1 "assay pair: twice.csv: 1 row repeats the key of another: \
'9' (lines 2 and 3)"
    { cat data.csv && echo 9,; } >twice.csv
    printf 'number,title\n9,x\n' >fixes.csv
    try assay pair --update title --key number fixes.csv twice.csv
    expect data 1 "assay pair: fixes.csv: 1 row of the data has the key of \
another: '9' (lines 3 and 5)"
    try assay pair --update genre --key number fixes.csv data.csv
    expect_like column "assay pair: data.csv: *'genre'*" "$(<err)"
    sed -i '1s/title/genre/' data.csv
    try assay pair --update genre --key number fixes.csv data.csv
    expect_like column "assay pair: fixes.csv: *'genre'*" "$(<err)"
}

# ---- the command line ----

@test "wrong usage" {
    make_scans
    make_labels
    usage() { # NAME MESSAGE ARGUMENT...
        local name=$1 message=$2

        shift 2
        try assay pair "$@"
        expect "$name" 2 "assay pair: $message"
    }
    usage nothing "where are the labels? --labels-from CSV --key COLUMN, \
--from-folders, --idx, or --update COLUMN --key COLUMN" scans
    usage modes "--labels-from, --from-folders, --idx and --update exclude \
each other" --idx --from-folders scans
    usage key "--key COLUMN: by which column are rows found?" \
        --labels-from labels.csv scans
    usage by-key "--key, --match, --ignore-case, --allow-unmatched and \
--unmatched are for --labels-from and --update" --from-folders --key x scans
    usage keep "--keep is for --labels-from" --from-folders --keep x scans
    usage data-key "--data-key is for two tables" --labels-from labels.csv \
        --key file --data-key x scans
    usage tables "--shape and --absolute are for images" \
        --labels-from labels.csv --key file --absolute labels.csv
    usage absolute "--absolute is for paths, and none are written" \
        --from-folders --absolute --shape 2x2x1 scans
    usage path "--match path is for images" --labels-from labels.csv \
        --key file --match path labels.csv
    usage kinds "'labels.csv' is a table and 'scans' is not: one kind at a \
time" --labels-from labels.csv --key file scans labels.csv
    usage folder "--from-folders needs a folder" --from-folders
    usage fixes "--update needs a file with the corrections" --update a --key b
    usage stdin "both tables from standard input" --labels-from - --key file
    usage stdin "both tables from standard input" --update a --key file - -
    usage shape "--shape: '2x2' is not HEIGHTxWIDTHxCHANNELS with 1 or 3 \
channels" --from-folders --shape 2x2 scans
    usage large "--shape: '2000x2000x3' is 12000000 values, more than \
10000000" --from-folders --shape 2000x2000x3 scans
    usage side "--shape: '100001x1x1': a side is longer than 100000" \
        --from-folders --shape 100001x1x1 scans
    usage channels "--shape: '2x2x2' is not HEIGHTxWIDTHxCHANNELS with 1 or 3 \
channels" --from-folders --shape 2x2x2 scans
}

@test "gates look at what was joined" {
    make_scans
    printf 'file\ncat/001.png\nx\n' >l.csv
    run_gates() {
        try assay pair -q --labels-from l.csv --key file --allow-unmatched \
            --gate "$1" scans
    }
    run_gates 'unmatched_labels.share<=0.5'
    expect open 0
    run_gates 'unmatched_data<3'
    expect closed 3 "assay pair: gate 'unmatched_data<3' is closed: \
unmatched_data = 3"
    run_gates 'matched==1'
    expect open 0
}

@test "a gate on bad records counts those of every table" {
    make_scans
    make_labels
    echo a >>labels.csv
    printf 'file,n\ncat/001.png,1\ndog/003.png,2\nb\nb\n' >data.csv
    printf 'file,what\ncat/001.png,hen\nc\n' >fixes.csv
    bad() { # CASE N OPERAND...
        try assay pair -q --skip-bad --key file --allow-unmatched \
            --gate 'bad<=0' "${@:3}"
        expect "$1" 3 "assay pair: gate 'bad<=0' is closed: bad = $2"
    }
    bad images 1 --labels-from labels.csv scans
    bad tables 3 --labels-from labels.csv data.csv
    bad labels 1 --labels-from labels.csv <(sed /b/d data.csv)
    bad corrections 2 --update what fixes.csv labels.csv
    try assay pair -q --skip-bad --labels-from labels.csv --key file \
        --gate 'bad.share<0.1' --allow-unmatched <(sed /b/d data.csv)
    expect share 3 "assay pair: gate 'bad.share<0.1' is closed: \
bad.share = 0.14285714285714285"
    head -c 400 "$IMAGES/colour.jpg" >scans/cat/002.JPG
    bad damaged 2 --labels-from labels.csv --shape 2x2x1 scans
}

@test "--version names the libraries of images" {
    try assay pair --version
    expect_like libraries "*libpng 1.*, libjpeg*" "$(<out)"
}

@test "in a pipe: pair, split, train, eval" {
    mkdir -p s/a s/b
    for n in 1 2 3 4 5 6; do
        cp "$IMAGES/turned$n.png" s/a/
        cp "$IMAGES/palette8.png" "s/b/$n.png"
    done
    assay pair -q --from-folders --shape 4x4x3 s >pixels.csv
    try sh -c 'assay split -q --label label --parts train=.5,test=.5 pixels.csv |
        assay train -q --label label --net linear --epochs 3 --predict'
    expect train 0
    expect_text ids 6 "$(grep -c '^a/turned' out)"
}

// Tells what a picture of 28x28 pixels shows: a PGM file in, the label of the best class out.
//
//	go generate
//	go build
//	./classify ../boot.pgm
package main

//go:generate cnnc -c ../../lenet/lenet.cnn

// #cgo LDFLAGS: ${SRCDIR}/lenet.o -lm
// #include "lenet.h"
import "C"

import (
	"bytes"
	"fmt"
	"os"
	"unsafe"
)

// Lenet is the network with a workspace of its own: one for each goroutine that runs it.
type Lenet struct{ workspace unsafe.Pointer }

func NewLenet() *Lenet {
	memory := make([]byte, C.LENET_WORKSPACE_BYTES+C.LENET_ALIGNMENT)
	past := uintptr(unsafe.Pointer(&memory[0])) % C.LENET_ALIGNMENT
	return &Lenet{unsafe.Pointer(&memory[(C.LENET_ALIGNMENT-past)%C.LENET_ALIGNMENT])}
}

func (l *Lenet) Run(image *[C.LENET_IMAGE_FLOATS]float32) (scores [C.LENET_CLASS_FLOATS]float32, err error) {
	result := C.lenet_run((*C.float)(&image[0]), (*C.float)(&scores[0]), l.workspace, C.LENET_WORKSPACE_BYTES)
	if result != C.LENET_OK {
		err = fmt.Errorf("lenet returned %d", result)
	}
	return scores, err
}

func label(channel int) string {
	info := C.lenet_info()
	return C.GoString(C.cnn_info_label(info, C.cnn_info_outputs(info), C.int64_t(channel)))
}

func readPicture(path string) (image [C.LENET_IMAGE_FLOATS]float32, err error) {
	header := fmt.Sprintf("P5\n%d %d\n255\n", C.LENET_IMAGE_WIDTH, C.LENET_IMAGE_HEIGHT)
	data, err := os.ReadFile(path)
	if err != nil {
		return image, err
	}
	if !bytes.HasPrefix(data, []byte(header)) || len(data) != len(header)+len(image) {
		return image, fmt.Errorf("%s: not a PGM picture of 28x28 pixels", path)
	}
	for i, pixel := range data[len(header):] {
		image[i] = float32(pixel)
	}
	return image, nil
}

func classify(path string) (string, error) {
	image, err := readPicture(path)
	if err != nil {
		return "", err
	}
	scores, err := NewLenet().Run(&image)
	best := 0
	for i, score := range scores {
		if score > scores[best] {
			best = i
		}
	}
	return label(best), err
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: classify PICTURE.pgm")
		os.Exit(2)
	}
	class, err := classify(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(class)
}
